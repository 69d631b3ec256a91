// The real program, as scripts and people call it. Figures are not looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/rows/columns.hpp"
#include "bench/text/csv.hpp"
#include "tests/bench/bench_program.hpp"
#include "tests/bench/csv_reader.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
TEST(program, cells_are_listed_by_name_and_as_csv) {
  const tiny_run tiny;
  const auto names = run({"--matrix", tiny.matrix, "--list-cells"});
  EXPECT_EQ(names.code, 0) << names.err;
  const auto table = run({"--matrix", tiny.matrix, "--list-cells=csv"});
  EXPECT_EQ(table.code, 0) << table.err;
  const auto lines = parse_csv(table.out);
  EXPECT_EQ(csv_line(lines.at(0)), cell_list_csv({}));
  std::string listed;
  for (std::size_t i = 1; i < lines.size(); ++i) listed += lines[i].at(0) + "\n";
  EXPECT_EQ(names.out, listed);
  EXPECT_NE(names.out.find(std::string(tiny_cell) + "\n"), std::string::npos);
}

TEST(program, a_cell_appends_its_row_and_ends_with_0) {
  const tiny_run tiny;
  for (const auto* block : {"1", "2"}) {
    const auto result = run({"--matrix", tiny.matrix, "--cell", tiny_cell, "--samples", tiny.samples, "--run",
                             "r1", "--block", block, "--seed", "9"});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, "");
  }
  const auto text = read_file(tiny.samples);
  EXPECT_TRUE(text.starts_with(samples_header()));
  const auto lines = parse_csv(text);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(strings(lines[2].begin(), lines[2].begin() + 6),
            (strings{std::to_string(schema_version), "r1", "2", "1", "9", tiny_cell}));
  const auto status = std::ranges::find(lines[0], "status") - lines[0].begin();
  EXPECT_EQ(lines[2].at(status), "ok");
}

TEST(program, any_cells_control_twin_can_be_run) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, "--cell", std::string(tiny_cell) + "/control:1"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with(samples_header()));
}

TEST(program, a_users_errors_end_with_2_and_one_sentence) {
  const tiny_run tiny;
  const auto bad = tiny.folder.write("bad.toml", "blocks = 2\ncels = 3\n").string();
  const std::vector<std::pair<strings, std::string>> cases{
      {{"--matrix", "no_such_matrix"}, "handoff-bench: there is no matrix named 'no_such_matrix'; "},
      {{"--matrix", bad, "--list-cells"},
       "handoff-bench: " + bad + ":2: unknown key 'cels'; did you mean 'cells'?\n"},
      {{"--matrix", tiny.matrix, "--cell", "throughput/corutine/p:1/c:1/cap:1024/bytes:8/wait:loop"},
       "handoff-bench: the matrix tiny has no cell 'throughput/corutine/p:1/c:1/cap:1024/bytes:8/wait:loop'; "
       "the "
       "nearest are throughput/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop"},
      {{"--matrix", tiny.matrix, "--backends", "corutine", "--list-cells"},
       "handoff-bench: --backends: unknown backend 'corutine'; did you mean 'coroutine'?\n"},
      {{"--matrix", tiny.matrix, "--scenarios", "joining", "--list-cells"},
       "handoff-bench: --scenarios: unknown scenario 'joining'; "},
      {{"--matrix", tiny.matrix, "--scenarios", "join", "--list-cells"},
       "handoff-bench: the matrix tiny has no cells for this choice of backends and scenarios; "},
      {{"--nonsense"}, "handoff-bench: "},
      {{"--matrix", tiny.matrix, "--benchmark_no_such_flag=1"},
       "handoff-bench: Google Benchmark does not know --benchmark_no_such_flag=1; "},
  };
  for (const auto& [words, sentence] : cases) {
    const auto result = run(words);
    EXPECT_EQ(result.code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with(sentence)) << result.err;
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  }
}

TEST(program, the_list_of_cells_for_programs_is_empty_if_a_choice_leaves_none) {
  const tiny_run tiny;
  const auto all = run({"--matrix", tiny.matrix, "--list-cells=csv"});
  const auto none = run({"--matrix", tiny.matrix, "--scenarios", "join", "--list-cells=csv"});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.out, all.out.substr(0, all.out.find('\n') + 1));
  EXPECT_EQ(none.err, "");
}

TEST(program, a_samples_file_that_cannot_be_written_ends_with_3_and_one_sentence) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, "--cell", tiny_cell, "--samples", "/dev/full"});
  EXPECT_EQ(result.code, 3) << "a crash of the cell would end with 1 or a signal";
  EXPECT_EQ(result.err, "handoff-bench: cannot write samples to /dev/full: No space left on device\n");
}

TEST(program, the_matrix_tells_its_settings) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, "--matrix-info"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto info = nlohmann::json::parse(result.out);
  EXPECT_EQ(info.at("name"), "tiny");
  EXPECT_EQ(info.at("file"), tiny.matrix);
  EXPECT_EQ(info.at("blocks"), 2);
  EXPECT_EQ(info.at("sample_ms"), 1);
  EXPECT_EQ(info.at("reference"), "mutex_condvar");
  EXPECT_TRUE(info.at("steal_limit").is_null()) << "a rule that drops blocks is declared or there is none";
  EXPECT_EQ(info.at("equivalence"), 0.05);
  EXPECT_TRUE(info.at("seed").is_number_unsigned());
}

/// Names of files, hosts and machines may hold any bytes; JSON cannot.
TEST(program, a_matrix_whose_name_is_no_utf_8_is_one_like_any_other) {
  const tiny_run tiny;
  const auto odd = tiny.folder.write("caf\xe9.toml", tiny_matrix).string();
  const auto result = run({"--matrix", odd, "--matrix-info"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto info = nlohmann::json::parse(result.out);
  EXPECT_EQ(info.at("name"), "caf\ufffd");
  EXPECT_EQ(info.at("text"), tiny_matrix) << "nobody has to find the file by a name that JSON cannot hold";
  EXPECT_EQ(run({"--matrix", odd, "--cell", tiny_cell}).code, 0);
}

TEST(program, a_users_word_reaches_the_terminal_without_its_commands) {
  const auto result = run({"--matrix", "\x1b[31mred\n"});
  EXPECT_EQ(result.code, 2);
  EXPECT_TRUE(result.err.starts_with("handoff-bench: there is no matrix named '\\x1b[31mred\\x0a'; "))
      << result.err;
}

TEST(program, a_matrix_file_of_more_than_a_mebibyte_is_refused) {
  const tiny_run tiny;
  const auto large = tiny.folder.write("large.toml", std::string((1 << 20) + 1, '\n')).string();
  const auto result = run({"--matrix", large, "--list-cells"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "handoff-bench: the matrix file " + large + " has 1048577 bytes; at most 1048576 are allowed\n");
}

TEST(program, backends_are_listed_with_all_they_declare) {
  const auto table = run({"--list-backends"});
  EXPECT_EQ(table.code, 0);
  const auto list = nlohmann::json::parse(run({"--list-backends=json"}).out);
  for (const auto& backend : list) {
    EXPECT_NE(table.out.find(backend.at("name").get<std::string>()), std::string::npos);
    for (const auto* key : {"kind", "available", "needs", "summary", "reference", "producers", "consumers",
                            "bounded", "ordering", "exact_empty", "progress", "waits", "execution"})
      EXPECT_TRUE(backend.contains(key)) << key;
    EXPECT_EQ(backend.at("available").get<bool>(), backend.at("needs").is_null());
  }
  const auto mutex =
      std::ranges::find_if(list, [](const auto& b) { return b.at("name") == "mutex_condvar"; });
  ASSERT_NE(mutex, list.end());
  EXPECT_EQ(mutex->at("kind"), "backend");
  EXPECT_EQ(mutex->at("waits"), nlohmann::json::array({"native"}));
  EXPECT_EQ(mutex->at("ordering"), "fifo");
}

TEST(program, the_environment_is_json_with_every_field) {
  const auto result = run({"--environment"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto all = nlohmann::json::parse(result.out);
  for (const auto* key : {"compiler", "flags", "march_native", "libraries", "cpu_model", "cores", "caches",
                          "kernel", "governor", "virtualised", "clock_ns", "build_type", "git_commit",
                          "page_bytes", "cpus_allowed", "cpu_quota", "variables", "peers"})
    EXPECT_TRUE(all.contains(key)) << key;
  EXPECT_GT(all.at("clock_ns").get<double>(), 0);
  EXPECT_GE(all.at("usable_threads").get<int>(), 1);
  EXPECT_TRUE(all.at("peers").contains("python_asyncio"));
}

TEST(program, the_environment_holds_what_the_user_tells_the_libraries) {
  const auto result =
      run_line("HWLOC_SYNTHETIC='pack:4 core:8 pu:2' MALLOC_ARENA_MAX=1 $bench --environment");
  ASSERT_EQ(result.code, 0) << result.err;
  const auto variables = nlohmann::json::parse(result.out).at("variables");
  EXPECT_EQ(variables.at("HWLOC_SYNTHETIC"), "pack:4 core:8 pu:2");
  EXPECT_EQ(variables.at("MALLOC_ARENA_MAX"), "1");
}

/// A commit changes nothing of what is measured: `scripts/bench --resume` goes on as long as the program is
/// the same.
TEST(program, the_commit_lies_beside_the_program_and_not_in_it) {
  const temporary_folder folder;
  const auto copy = folder / "bench";
  std::filesystem::copy_file(program(), copy);
  const auto environment = [&] {
    return nlohmann::json::parse(
        run_subprocess({copy.string(), "--environment"}, std::chrono::seconds(120)).out);
  };
  EXPECT_TRUE(environment().at("git_commit").is_null());
  EXPECT_TRUE(environment().at("git_dirty").is_null());
  folder.write("bench.git.json", R"({"commit": "c0ffee", "dirty": true})");
  EXPECT_EQ(environment().at("git_commit"), "c0ffee");
  EXPECT_EQ(environment().at("git_dirty"), true);
  folder.write("bench.git.json", "cut o");
  EXPECT_TRUE(environment().at("git_commit").is_null());
}

TEST(program, google_benchmark_lists_every_cell_under_its_name) {
  const tiny_run tiny;
  const auto listed =
      run({"--matrix", tiny.matrix, "--benchmark_list_tests", "--benchmark_filter=throughput/.*"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(
      listed.out,
      "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native/iterations:1/manual_time\n"
      "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native/control:1/iterations:1/manual_time\n"
      "throughput/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/iterations:1/manual_time\n");
}

TEST(program, google_benchmarks_json_is_all_that_stdout_holds) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, "--benchmark_filter=throughput/coroutine",
                           "--benchmark_format=json", "--benchmark_repetitions=2"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  const auto& first = json.at("benchmarks").at(0);
  EXPECT_EQ(first.at("run_name"), std::string(tiny_cell) + "/iterations:1/manual_time");
  EXPECT_GT(first.at("items_per_second").get<double>(), 0);
  EXPECT_NEAR(first.at("real_time").get<double>() * 1e-9 * first.at("items_per_second").get<double>(), 1,
              1e-6);
}

TEST(program, a_skipped_cell_is_shown_with_its_reason_and_is_no_failure) {
  const tiny_run tiny;
  const auto pinned = tiny.folder.write("pinned.toml",
                                        "sample_ms = 1\n[[cells]]\nscenario = \"ping_pong\"\n"
                                        "backends = \"mutex_condvar\"\nshapes = [[2, 2]]\n");
  const auto result = run({"--matrix", pinned.string(), "--benchmark_filter=ping_pong"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("skipped: ping_pong"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("ERROR"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace handoff::bench
