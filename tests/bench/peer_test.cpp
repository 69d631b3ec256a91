#include "bench/contenders/peer.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "harness/placement.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using harness::sample;
using harness::sample_status;
using strings = std::vector<std::string>;

constexpr auto long_enough = std::chrono::milliseconds(60s);

/// What a peer with this shell script comes to.
sample run_script(const std::string& body, std::chrono::milliseconds limit = long_enough) {
  const temporary_folder folder;
  return run_peer({folder.script("peer", body).string()}, limit);
}

/// Sets variables, and puts them back at the end of the scope.
class variables_for_now {
 public:
  using values = std::map<std::string, std::optional<std::string>>;
  explicit variables_for_now(const values& wanted) {
    for (const auto& [name, value] : wanted) {
      const char* there = std::getenv(name.c_str());
      before_[name] = there != nullptr ? std::optional<std::string>(there) : std::nullopt;
      set(name, value);
    }
  }
  variables_for_now(const variables_for_now&) = delete;
  variables_for_now& operator=(const variables_for_now&) = delete;
  ~variables_for_now() {
    for (const auto& [name, value] : before_) set(name, value);
  }

 private:
  static void set(const std::string& name, const std::optional<std::string>& value) {
    if (value)
      ::setenv(name.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name.c_str());
  }
  values before_;
};

registered_peer line_of(std::vector<std::string_view> command) {
  return {.name = "fake",
          .command = std::move(command),
          .scenarios = {"throughput", "ping_pong"},
          .ordering = "fifo",
          .wait = "loop",
          .summary = "",
          .reference = ""};
}

TEST(peer, a_good_row_becomes_the_sample) {
  const auto s = run_script("echo items,seconds,status,detail; echo '1000,0.5,ok,'");
  EXPECT_EQ(s.status, sample_status::ok) << s.detail;
  EXPECT_EQ(s.items, 1000U);
  EXPECT_EQ(s.seconds, 0.5);
  EXPECT_EQ(s.join_ns, std::nullopt);
}

TEST(peer, what_it_says_of_itself_is_kept) {
  const auto s = run_script("printf 'status,detail\\r\\nskipped,\"no close, here\"\\r\\n'");
  EXPECT_EQ(s.status, sample_status::skipped);
  EXPECT_EQ(s.detail, "no close, here");
}

TEST(peer, output_in_pieces_is_put_together) {
  const auto s = run_script("printf 'ite'; printf 'ms,sta'; printf 'tus\\n12'; printf '34,ok\\n'");
  EXPECT_EQ(s.items, 1234U) << s.detail;
}

TEST(peer, one_that_dies_is_crashed_with_its_last_words) {
  auto s = run_script("echo 'Traceback:' >&2; echo 'ValueError: no such scenario' >&2; exit 3");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer ended with status 3: ValueError: no such scenario");
  s = run_script("kill -SEGV $$");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer was ended by signal 11 (Segmentation fault)");
}

TEST(peer, a_row_does_not_excuse_a_bad_end) {
  EXPECT_EQ(run_script("echo items,status; echo 5,ok; exit 1").status, sample_status::crashed);
}

TEST(peer, one_that_hangs_is_a_timeout) {
  const auto s = run_script("echo items,status; exec sleep 1000", 50ms);
  EXPECT_EQ(s.status, sample_status::timeout);
  EXPECT_EQ(s.detail, "the peer did not end within 0.05 s");
}

TEST(peer, one_that_closes_its_output_and_hangs_is_a_timeout) {
  EXPECT_EQ(run_script("exec >&- 2>&-; exec sleep 1000", 50ms).status, sample_status::timeout);
}

TEST(peer, a_timeout_ends_the_peers_children_too) {
  const temporary_folder folder;
  const auto pid_file = folder / "pid";
  const auto program = folder.script("peer", "sleep 1000 & echo $! > " + pid_file.string() + "; wait");
  EXPECT_EQ(run_peer({program.string()}, 1000ms).status, sample_status::timeout);
  const pid_t child = std::stoi(read_file(pid_file));
  const auto give_up = std::chrono::steady_clock::now() + long_enough;
  while (::kill(child, 0) == 0 &&
         read_file("/proc/" + std::to_string(child) + "/stat").find(") Z ") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "the child lives on";
    std::this_thread::yield();
  }
}

TEST(peer, rubbish_is_crashed_with_what_is_wrong) {
  const auto complaint = [](const std::string& body) {
    const auto s = run_script(body);
    EXPECT_EQ(s.status, sample_status::crashed);
    return s.detail;
  };
  EXPECT_EQ(complaint("exit 0"), "the peer printed no sample: 0 lines instead of a header and one row");
  EXPECT_EQ(complaint("echo hello"), "the peer printed no sample: 1 lines instead of a header and one row");
  EXPECT_EQ(complaint("echo items,status; echo 1,ok; echo 2,ok"),
            "the peer printed no sample: 3 lines instead of a header and one row");
  EXPECT_EQ(complaint("echo items,status; echo 1"), "the peer printed no sample: 2 columns but 1 values");
  EXPECT_EQ(complaint("echo items,status; echo many,ok"), "the peer printed no sample: items is 'many'");
  EXPECT_EQ(complaint("echo items,status; echo 1,great"), "the peer printed no sample: status is 'great'");
  EXPECT_EQ(complaint("echo items,items,status; echo 1,2,ok"),
            "the peer printed no sample: column 'items' is there twice");
  EXPECT_EQ(complaint("echo items; echo 1"), "the peer printed no sample: there is no column 'status'");
  EXPECT_EQ(complaint("echo status,detail; echo corrupt,"),
            "the peer printed no sample: status corrupt without a detail");
  EXPECT_EQ(complaint("echo itms,status; echo 1,ok"),
            "the peer printed no sample: column 'itms' is not a measured one (did you mean 'items'?)");
}

TEST(peer, one_that_never_stops_talking_is_ended) {
  const auto s = run_script("exec yes");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer printed more than a mebibyte where a row was expected");
}

TEST(peer, one_that_is_not_there_is_crashed) {
  EXPECT_EQ(run_peer({"/nowhere/peer"}, long_enough).detail,
            "the peer could not be started: No such file or directory");
}

TEST(peer, its_input_is_empty) {
  EXPECT_EQ(run_script("read line; code=$?; echo status,detail; echo \"skipped,read $code\"").detail,
            "read 1");
}

TEST(peer, what_the_user_has_set_does_not_reach_it) {
  const temporary_folder folder;
  const auto program =
      folder.script("peer", "echo status,detail; echo \"skipped,$(env | sort | tr '\\n' ' ')\"");
  const std::map<std::string, std::optional<std::string>> ours{{"PYTHONASYNCIODEBUG", "1"},
                                                               {"PYTHONHASHSEED", "7"},
                                                               {"LC_ALL", "tlh"},
                                                               {"MALLOC_ARENA_MAX", "1"},
                                                               {"TMPDIR", "/elsewhere"}};
  const variables_for_now set(ours);
  const auto told = " " + run_peer({program.string()}, long_enough).detail + " ";
  for (const char* name : {"PYTHON", "tlh", "MALLOC"}) EXPECT_EQ(told.find(name), std::string::npos) << told;
  for (const char* kept : {" LC_ALL=C.UTF-8 ", " TMPDIR=/elsewhere ", " PATH="})
    EXPECT_NE(told.find(kept), std::string::npos) << told;
}

TEST(peer, signals_that_its_parents_ignore_or_block_are_its_own) {
  const auto state = [](int signal, auto body) {
    sigset_t one, before;
    ::sigemptyset(&one);
    ::sigaddset(&one, signal);
    ::sigprocmask(SIG_BLOCK, &one, &before);
    const auto handler = ::signal(signal, SIG_IGN);
    const auto told = body();
    ::signal(signal, handler);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return told;
  };
  const auto s = state(SIGUSR1, [] {
    return run_script("echo status,detail; echo \"skipped,\"$(grep -E '^Sig(Blk|Ign)' /proc/self/status)");
  });
  EXPECT_EQ(s.detail, "SigBlk: 0000000000000000 SigIgn: 0000000000000000");
}

TEST(peer, describes_itself_in_its_first_line) {
  const temporary_folder folder;
  const auto described = [&](const std::string& body) {
    const auto program = folder.script("peer", body).string();
    return describe_peer(line_of({program, "first"}));
  };
  EXPECT_EQ(described("echo \"language 3 $*\"; echo more"), "language 3 first --describe");
  EXPECT_EQ(described("echo half; exit 1"), "");
  EXPECT_EQ(described("exit 0"), "");
}

TEST(peer, the_axes_are_its_options) {
  harness::cell c;
  c.what = harness::scenario::shutdown;
  c.producers = 2;
  c.consumers = 3;
  c.capacity = 16;
  c.item = harness::item_kind::move_only;
  c.work_producer_ns = 100;
  c.stop = harness::stop_protocol::close;
  EXPECT_EQ(peer_command(line_of({"python3", "peer.py"}), c, {.sample_length = 20ms, .seed = 7}),
            (strings{"python3",
                     "peer.py",
                     "--scenario",
                     "shutdown",
                     "--producers",
                     "2",
                     "--consumers",
                     "3",
                     "--capacity",
                     "16",
                     "--item",
                     "move_only",
                     "--work-producer-ns",
                     "100",
                     "--work-consumer-ns",
                     "0",
                     "--stop",
                     "close",
                     "--sample-ms",
                     "20",
                     "--samples",
                     "1",
                     "--seed",
                     "7"}));
  c.what = harness::scenario::paced;
  c.stop.reset();
  c.rate = 0.5;
  const auto command = peer_command(line_of({"p"}), c, {});
  const auto rate = std::ranges::find(command, "--rate");
  ASSERT_NE(rate, command.end());
  EXPECT_EQ(*(rate + 1), "0.5");
  EXPECT_EQ(std::ranges::count(command, "--stop"), 0);
}

TEST(peer, what_it_cannot_run_has_a_reason) {
  auto line = line_of({"sh"});
  harness::cell c;
  EXPECT_EQ(why_peer_cannot(line, c), std::nullopt);
  c.pin = harness::pinning::spread;
  line.wait = "loop";
  EXPECT_EQ(why_peer_cannot(line, c), std::nullopt);
  line.wait = "native";
  EXPECT_EQ(why_peer_cannot(line, c), "only a peer that runs on one thread can be pinned");
  c.pin = harness::pinning::none;
  c.what = harness::scenario::join;
  EXPECT_EQ(why_peer_cannot(line, c), "the peer does not offer join");
  c.what = harness::scenario::ping_pong;
  c.consumers = 2;
  EXPECT_EQ(why_peer_cannot(line, c), "ping_pong has one producer and one consumer");
}

TEST(peer, a_pinned_one_has_one_core) {
  const temporary_folder folder;
  const auto script = folder.script("peer", "echo items,status; echo \"$(nproc),ok\"").string();
  const auto line = line_of({script});
  harness::cell c;
  c.pin = harness::pinning::compact;
  EXPECT_EQ(open_peer(line, c, {})->take().items, 1U);
  c.pin = harness::pinning::none;
  EXPECT_EQ(open_peer(line, c, {})->take().items, harness::usable_cores()) << "and we are where we were";
}

TEST(peer, a_missing_interpreter_is_named) {
  EXPECT_EQ(missing_program(line_of({"sh", "x"})), "");
  EXPECT_EQ(missing_program(line_of({"no-such-interpreter", "x"})), "no-such-interpreter");
}

}  // namespace
}  // namespace handoff::bench
