#include "bench/matrix/stage.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "bench/frame/errors.hpp"
#include "bench/rows/at_work_file.hpp"
#include "harness/abandon.hpp"
#include "tests/bench/csv_reader.hpp"
#include "tests/bench/fake_catalog.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using harness::sample;
using harness::sample_status;

/// A session whose samples come from a function.
class scripted_session : public harness::cell_session {
 public:
  explicit scripted_session(std::function<sample()> next) : next_(std::move(next)) {}
  sample take() override { return next_(); }

 private:
  std::function<sample()> next_;
};

struct scripted {
  explicit scripted(std::function<sample()> next)
      : who{.wait = wait_kind::native, .why_not = {}, .open = [next](const auto&, const auto&) {
              return std::make_unique<scripted_session>(next);
            }} {
    cell.name = "the/cell";
    cell.runs = &who;
  }

  harness::contender who;
  planned_cell cell;
};

/// The statuses and details in a samples file.
std::vector<std::pair<std::string, std::string>> ends_of(const std::filesystem::path& file) {
  const auto lines = parse_csv(read_file(file));
  const auto column = [&](std::string_view name) {
    return std::ranges::find(lines.at(0), name) - lines.at(0).begin();
  };
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::size_t i = 1; i < lines.size(); ++i)
    rows.emplace_back(lines[i].at(column("status")), lines[i].at(column("detail")));
  return rows;
}

using row_list = std::vector<std::pair<std::string, std::string>>;

TEST(recorder, a_cell_gives_as_many_rows_as_the_matrix_wants_samples) {
  const temporary_folder folder;
  const scripted fine([] { return sample{}; });
  matrix from;
  from.samples = 3;
  recorder records({.run = "r"}, folder / "s.csv", recorder::destination::nowhere);
  run_launch({fine.cell}, from, records);
  const auto lines = parse_csv(read_file(folder / "s.csv"));
  ASSERT_EQ(lines.size(), 4U);
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_EQ(lines[i].at(3), std::to_string(i));
  EXPECT_FALSE(records.failed());
}

TEST(recorder, an_exception_becomes_a_crashed_row_after_the_good_ones) {
  const temporary_folder folder;
  int taken = 0;
  const scripted throwing([&] {
    if (++taken == 2) throw std::runtime_error("no memory left");
    return sample{};
  });
  matrix from;
  from.samples = 3;
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  ::testing::internal::CaptureStderr();
  run_launch({throwing.cell}, from, records);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "the/cell: crashed: an exception left the cell: no memory left\n");
  EXPECT_EQ(ends_of(folder / "s.csv"),
            (row_list{{"ok", ""}, {"crashed", "an exception left the cell: no memory left"}}));
  EXPECT_TRUE(records.failed());
}

TEST(recorder, a_detail_of_several_lines_is_a_row_of_one) {
  const temporary_folder folder;
  const scripted wordy([]() -> sample { throw std::runtime_error("no\nmemory\r\n\fleft\u2028"); });
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  ::testing::internal::CaptureStderr();
  run_launch({wordy.cell}, {}, records);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "the/cell: crashed: an exception left the cell: no memory left\n");
  EXPECT_EQ(ends_of(folder / "s.csv"), (row_list{{"crashed", "an exception left the cell: no memory left"}}));
}

TEST(recorder, a_corrupt_sample_fails_and_an_unsustained_one_does_not) {
  for (const auto status : {sample_status::corrupt, sample_status::unsustained}) {
    const scripted cell([&] {
      sample s;
      s.status = status;
      s.detail = "why";
      return s;
    });
    recorder records({}, std::nullopt, recorder::destination::nowhere);
    run_launch({cell.cell}, {}, records);
    EXPECT_EQ(records.failed(), status == sample_status::corrupt);
  }
}

TEST(recorder, what_cannot_run_is_a_row_with_its_reason) {
  const temporary_folder folder;
  const auto cells =
      plan_of("[[cells]]\nscenario = \"join\"\nbackends = [\"tickets\", \"missing\"]\nwaits = \"native\"\n",
              fake_catalog());
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  for (const auto& cell : cells) run_launch({cell}, {}, records);
  EXPECT_EQ(ends_of(folder / "s.csv"),
            (row_list{{"skipped", "not joinable"}, {"unavailable", "needs libmissing-dev"}}));
  EXPECT_FALSE(records.failed());
}

TEST(recorder, each_cells_samples_count_from_1) {
  const temporary_folder folder;
  scripted first([] { return sample{}; }), second([] { return sample{}; });
  second.cell.name = "another/cell";
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  run_launch({first.cell}, {}, records);
  run_launch({second.cell}, {}, records);
  for (const auto& line : {1, 2}) EXPECT_EQ(parse_csv(read_file(folder / "s.csv")).at(line).at(3), "1");
}

TEST(recorder_death, a_cell_that_is_given_up_leaves_its_row_and_status_1) {
  const temporary_folder folder;
  const scripted hanging([]() -> sample { harness::abandon(sample_status::timeout, "it hangs"); });
  EXPECT_EXIT(
      {
        recorder records({}, folder / "s.csv", recorder::destination::nowhere);
        run_launch({hanging.cell}, {}, records);
      },
      ::testing::ExitedWithCode(1), "the/cell: timeout: it hangs");
  EXPECT_EQ(ends_of(folder / "s.csv"), (row_list{{"timeout", "it hangs"}}));
}

TEST(recorder, the_options_of_a_session_come_from_the_matrix) {
  matrix from;
  from.sample_ms = 2000;
  const auto options = session_options_of({}, from, 42);
  EXPECT_EQ(options.sample_length, std::chrono::seconds(2));
  EXPECT_EQ(options.seed, 42U);
  EXPECT_GE(options.step_limit, 10 * options.sample_length);
}

TEST(stage, repetitions_share_a_session_and_another_cell_opens_its_own) {
  int opened = 0;
  harness::contender who{.wait = wait_kind::native, .why_not = {}, .open = [&](const auto&, const auto&) {
                           ++opened;
                           return std::make_unique<scripted_session>([] { return sample{}; });
                         }};
  planned_cell first, second;
  first.runs = second.runs = &who;
  const matrix from;
  recorder records({}, std::nullopt, recorder::destination::nowhere);
  stage on(from, records);
  for (int i = 0; i < 3; ++i) on.take(first);
  EXPECT_EQ(opened, 1);
  on.take(second);
  EXPECT_EQ(opened, 2);
  on.take(first);
  EXPECT_EQ(opened, 3);
}

/// The names of a samples file's cells, with the number of the sample.
row_list cells_of(const std::filesystem::path& file) {
  const auto lines = parse_csv(read_file(file));
  row_list rows;
  for (std::size_t i = 1; i < lines.size(); ++i) rows.emplace_back(lines[i].at(5), lines[i].at(3));
  return rows;
}

matrix with_rounds(unsigned rounds) {
  matrix made;
  made.rounds = rounds;
  return made;
}

TEST(launch, takes_rounds_of_all_cells_in_an_order_of_the_seed) {
  scripted first([] { return sample{}; }), second(first), third(first);
  first.cell.name = "a", second.cell.name = "b", third.cell.name = "c";
  const auto order = [&](std::uint64_t seed) {
    const temporary_folder folder;
    recorder records({.run = "r", .seed = seed}, folder / "s.csv", recorder::destination::nowhere);
    run_launch({first.cell, second.cell, third.cell}, with_rounds(20), records);
    return cells_of(folder / "s.csv");
  };
  const auto rows = order(1);
  ASSERT_EQ(rows.size(), 60U);
  std::set<std::string> orders;
  for (std::size_t round = 0; round < 20; ++round) {
    std::string shuffled;
    for (std::size_t i = 3 * round; i < 3 * round + 3; ++i) {
      EXPECT_EQ(rows[i].second, std::to_string(round + 1));
      shuffled += rows[i].first;
    }
    orders.insert(shuffled);
    std::ranges::sort(shuffled);
    EXPECT_EQ(shuffled, "abc") << "each once a round";
  }
  EXPECT_GT(orders.size(), 3U);
  EXPECT_EQ(order(1), rows);
  EXPECT_NE(order(2), rows);
}

TEST(launch, goes_on_without_a_cell_that_fails) {
  const temporary_folder folder;
  int taken = 0;
  scripted fine([] { return sample{}; });
  scripted throwing([&]() -> sample {
    if (++taken == 2) throw std::runtime_error("no memory left");
    return {};
  });
  fine.cell.name = "fine", throwing.cell.name = "throwing";
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  ::testing::internal::CaptureStderr();
  run_launch({throwing.cell, fine.cell}, with_rounds(5), records);
  EXPECT_NE(::testing::internal::GetCapturedStderr(), "");
  const auto rows = cells_of(folder / "s.csv");
  EXPECT_EQ(std::ranges::count(rows, "fine", &row_list::value_type::first), 5);
  EXPECT_EQ(std::ranges::count(rows, "throwing", &row_list::value_type::first), 2);
  EXPECT_EQ(std::ranges::count(ends_of(folder / "s.csv"), "crashed", &row_list::value_type::first), 1);
}

TEST(launch, only_of_rounds_a_wrong_sample_is_the_last_one) {
  const auto rows_of = [](sample_status status, const matrix& from) {
    const temporary_folder folder;
    const scripted cell([status] {
      sample s;
      s.status = status;
      return s;
    });
    recorder records({}, folder / "s.csv", recorder::destination::nowhere);
    ::testing::internal::CaptureStderr();
    run_launch({cell.cell}, from, records);
    ::testing::internal::GetCapturedStderr();
    return cells_of(folder / "s.csv").size();
  };
  matrix samples;
  samples.samples = 3;
  EXPECT_EQ(rows_of(sample_status::corrupt, samples), 3U);
  EXPECT_EQ(rows_of(sample_status::corrupt, with_rounds(3)), 1U);
  for (const auto status : {sample_status::skipped, sample_status::unsustained, sample_status::ok})
    EXPECT_EQ(rows_of(status, with_rounds(3)), 3U) << to_string(status);
}

TEST(launch, a_cell_that_cannot_be_opened_is_crashed_and_the_others_go_on) {
  const temporary_folder folder;
  scripted fine([] { return sample{}; });
  const harness::contender refusing{
      .wait = wait_kind::native,
      .why_not = {},
      .open = [](const auto&, const auto&) -> std::unique_ptr<harness::cell_session> {
        throw std::runtime_error("no thread left");
      }};
  planned_cell broken;
  broken.name = "broken";
  broken.runs = &refusing;
  recorder records({}, folder / "s.csv", recorder::destination::nowhere);
  ::testing::internal::CaptureStderr();
  run_launch({broken, fine.cell}, with_rounds(2), records);
  EXPECT_NE(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(ends_of(folder / "s.csv"),
            (row_list{{"crashed", "an exception left the cell: no thread left"}, {"ok", ""}, {"ok", ""}}));
}

cpu_set_t place_of_this_thread() {
  cpu_set_t place;
  EXPECT_EQ(::sched_getaffinity(0, sizeof place, &place), 0);
  return place;
}

/// A loop pins the thread that opens it for as long as it lives.
TEST(launch, the_place_that_a_cell_takes_is_its_own) {
  const cpu_set_t all = place_of_this_thread();
  cpu_set_t first;
  CPU_ZERO(&first);
  for (int cpu = 0; CPU_COUNT(&first) == 0; ++cpu)
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &first);
  const auto contender_at = [](const cpu_set_t& place) {
    return harness::contender{
        .wait = wait_kind::native, .why_not = {}, .open = [place](const auto&, const auto&) {
          EXPECT_EQ(::sched_setaffinity(0, sizeof place, &place), 0);
          return std::make_unique<scripted_session>([place] {
            const cpu_set_t here = place_of_this_thread();
            EXPECT_TRUE(CPU_EQUAL(&here, &place));
            return sample{};
          });
        }};
  };
  int seen = 0;
  const harness::contender pins = contender_at(first), free = contender_at(all);
  const harness::contender looks{
      .wait = wait_kind::native, .why_not = {}, .open = [&](const auto&, const auto&) {
        const cpu_set_t here = place_of_this_thread();
        EXPECT_TRUE(CPU_EQUAL(&here, &all)) << "what was opened before has pinned it";
        ++seen;
        return std::make_unique<scripted_session>([] { return sample{}; });
      }};
  std::vector<planned_cell> cells(3);
  cells[0].runs = &pins, cells[1].runs = &free, cells[2].runs = &looks;
  recorder records({}, std::nullopt, recorder::destination::nowhere);
  run_launch(cells, with_rounds(5), records);
  EXPECT_EQ(seen, 1);
  const cpu_set_t after = place_of_this_thread();
  EXPECT_TRUE(CPU_EQUAL(&after, &all));
}

TEST(launch, says_who_is_at_work) {
  scripted first([] { return sample{}; }), second(first);
  first.cell.name = "a", second.cell.name = "b";
  recorder records({}, std::nullopt, recorder::destination::nowhere);
  std::string told;
  run_launch({first.cell, second.cell}, with_rounds(1), records,
             [&](const std::string& name) { told += name; });
  EXPECT_TRUE(told == "ababab" || told == "abbaab") << told;
}

TEST(at_work_file, holds_the_last_name_as_its_first_line) {
  const temporary_folder folder;
  const at_work_file file(folder / "w");
  file.write("a/longer/name");
  file.write("short");
  EXPECT_TRUE(read_file(folder / "w").starts_with("short\n"));
}

TEST(at_work_file, that_cannot_be_opened_is_an_error) {
  EXPECT_THROW(at_work_file("/no/such/folder/w"), run_error);
}

std::optional<double> headline_seconds_of(harness::scenario what, const sample& measured) {
  return harness::facts_of(what).headline_seconds(measured);
}

TEST(headline, each_scenario_is_compared_by_its_own_figure) {
  sample s;
  s.items = 1000;
  s.seconds = 0.002;
  s.latency = {.count = 5000, .p50 = 1, .p90 = 2, .p99 = 300, .p999 = {}, .max = 9};
  s.join_ns = 40;
  s.shutdown_ns = 50;
  EXPECT_DOUBLE_EQ(headline_seconds_of(harness::scenario::throughput, s).value(), 2e-6);
  EXPECT_DOUBLE_EQ(headline_seconds_of(harness::scenario::ping_pong, s).value(), 2e-6);
  EXPECT_DOUBLE_EQ(headline_seconds_of(harness::scenario::paced, s).value(), 300e-9);
  EXPECT_DOUBLE_EQ(headline_seconds_of(harness::scenario::join, s).value(), 40e-9);
  EXPECT_DOUBLE_EQ(headline_seconds_of(harness::scenario::shutdown, s).value(), 50e-9);
  for (const auto what : harness::scenario_words.values())
    EXPECT_EQ(headline_seconds_of(what, {}), std::nullopt);
}

}  // namespace
}  // namespace handoff::bench
