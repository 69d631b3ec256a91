#include "bench/contenders/peer.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "harness/placement.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using harness::sample;
using harness::sample_status;

constexpr auto long_enough = std::chrono::milliseconds(60s);

/// What a shell script does until it is asked for its first sample, as request 3.
const std::string opened = R"sh(
read -r hello; echo '{"id":1,"protocol":1,"name":"fake","version":"1"}'
read -r open; echo '{"id":2,"status":"ok"}'
read -r sample
)sh";

peer_program line_of(std::vector<std::string_view> command) {
  return {.name = "fake",
          .command = std::move(command),
          .scenarios = {"throughput", "ping_pong"},
          .ordering = "fifo",
          .wait = "loop",
          .summary = "",
          .reference = ""};
}

/// A peer that is a shell script, with one cell.
class script_peer {
 public:
  explicit script_peer(const std::string& body, const harness::cell& cell = {},
                       std::chrono::milliseconds limit = long_enough)
      : program_(folder_.script("peer", body).string()),
        session_(open_peer(line_of({program_}), cell, {.step_limit = limit})) {}
  sample take() { return session_->take(); }
  void close() { session_.reset(); }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

 private:
  temporary_folder folder_;
  std::string program_;
  std::unique_ptr<harness::cell_session> session_;
};

/// The first sample of a peer that is opened and then does this.
sample run_script(const std::string& body, std::chrono::milliseconds limit = long_enough) {
  return script_peer(opened + body, {}, limit).take();
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

TEST(peer, a_good_answer_becomes_the_sample) {
  const auto s = run_script(R"sh(echo '{"id":3,"items":1000,"seconds":0.5,"status":"ok"}')sh");
  EXPECT_EQ(s.status, sample_status::ok) << s.detail;
  EXPECT_EQ(s.items, 1000U);
  EXPECT_EQ(s.seconds, 0.5);
  EXPECT_EQ(s.join_ns, std::nullopt);
}

TEST(peer, a_tree_of_which_a_part_was_visited_is_corrupt) {
  harness::cell tree;
  tree.scenario = harness::scenario::tree;
  tree.tree = harness::tree_name::skynet_3;
  for (const auto& [items, detail] :
       {std::pair{"2222", ""},
        std::pair{"2221", "the peer visited 2221 nodes, which is no multiple of the tree's 1111"},
        std::pair{"0", "the peer visited 0 nodes, which is no multiple of the tree's 1111"}}) {
    const std::string reply = std::string(R"(echo '{"id":3,"status":"ok","items":)") + items + "}'";
    EXPECT_EQ(script_peer(opened + reply, tree).take().detail, detail);
  }
}

TEST(peer, what_it_says_of_a_sample_is_kept) {
  const auto s = run_script(R"sh(printf '{"id":3,"status":"skipped","detail":"no close, here"}\r\n')sh");
  EXPECT_EQ(s.status, sample_status::skipped);
  EXPECT_EQ(s.detail, "no close, here");
}

TEST(peer, an_answer_in_pieces_is_put_together) {
  const auto s = run_script(R"sh(printf '{"id":3,"ite'; printf 'ms":12'; printf '34,"status":"ok"}\n')sh");
  EXPECT_EQ(s.items, 1234U) << s.detail;
}

TEST(peer, one_process_gives_every_sample_of_its_cell) {
  script_peer peer(opened +
                   R"sh(echo "{\"id\":3,\"status\":\"ok\",\"items\":$$}"
                      read -r sample; echo "{\"id\":4,\"status\":\"ok\",\"items\":$$}")sh");
  const auto first = peer.take(), second = peer.take();
  EXPECT_EQ(first.status, sample_status::ok) << first.detail;
  EXPECT_EQ(second.status, sample_status::ok) << second.detail;
  EXPECT_EQ(first.items, second.items);
}

TEST(peer, it_learns_from_its_input_that_nothing_more_comes) {
  script_peer peer(opened + R"sh(echo '{"id":3,"status":"ok"}'; cat; echo ended > ${0%/*}/mark)sh");
  EXPECT_EQ(peer.take().status, sample_status::ok);
  peer.close();
  EXPECT_EQ(read_file(peer / "mark"), "ended\n");
}

TEST(peer, one_that_dies_is_crashed_with_its_last_words) {
  auto s = run_script("echo 'Traceback:' >&2; echo 'ValueError: no such scenario' >&2; exit 3");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer ended with status 3: ValueError: no such scenario");
  s = run_script("kill -SEGV $$");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer was ended by signal 11 (Segmentation fault)");
  s = run_script("exit 0");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer ended instead of answering");
}

TEST(peer, one_that_dies_at_once_is_crashed_too) {
  const auto s = script_peer("echo 'no module' >&2; exit 1").take();
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer ended with status 1: no module");
}

TEST(peer, one_that_dies_between_two_samples_is_crashed_at_the_second) {
  script_peer peer(opened + R"sh(echo '{"id":3,"status":"ok"}'; exit 4)sh");
  EXPECT_EQ(peer.take().status, sample_status::ok);
  const auto second = peer.take();
  EXPECT_EQ(second.status, sample_status::crashed);
  EXPECT_EQ(second.detail, "the peer ended with status 4");
}

TEST(peer, a_sample_after_a_failure_comes_from_a_new_process) {
  script_peer peer("mark=${0%/*}/mark\n" + opened +
                   R"sh(if [ ! -e $mark ]; then touch $mark; exit 1; fi; echo '{"id":3,"status":"ok"}')sh");
  EXPECT_EQ(peer.take().status, sample_status::crashed);
  const auto second = peer.take();
  EXPECT_EQ(second.status, sample_status::ok) << second.detail;
}

TEST(peer, one_that_hangs_is_a_timeout) {
  const auto s = run_script("exec sleep 1000", 300ms);
  EXPECT_EQ(s.status, sample_status::timeout);
  EXPECT_EQ(s.detail, "the peer did not answer within 0.3 s");
}

TEST(peer, half_an_answer_is_none) {
  EXPECT_EQ(run_script("printf '{\"id\":3'; exec sleep 1000", 300ms).status, sample_status::timeout);
}

TEST(peer, one_that_closes_its_output_and_hangs_is_a_timeout) {
  EXPECT_EQ(run_script("exec >&- 2>&-; exec sleep 1000", 300ms).status, sample_status::timeout);
}

TEST(peer, one_that_does_not_read_is_answered_by_its_deadline) {
  EXPECT_EQ(script_peer("exec sleep 1000", {}, 50ms).take().status, sample_status::timeout);
}

TEST(peer, one_that_closes_its_input_harms_nobody) {
  const auto s =
      script_peer("exec <&-; echo '{\"id\":1,\"protocol\":1,\"name\":\"n\",\"version\":\"v\"}'; exit 6")
          .take();
  EXPECT_EQ(s.status, sample_status::crashed);
}

TEST(peer, a_timeout_ends_the_peers_children_too) {
  script_peer peer("sleep 1000 & echo $! > ${0%/*}/pid; wait", {}, 1000ms);
  EXPECT_EQ(peer.take().status, sample_status::timeout);
  const pid_t child = std::stoi(read_file(peer / "pid"));
  const auto give_up = std::chrono::steady_clock::now() + long_enough;
  while (::kill(child, 0) == 0 &&
         read_file("/proc/" + std::to_string(child) + "/stat").find(") Z ") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "the child lives on";
    std::this_thread::yield();
  }
}

TEST(peer, rubbish_is_crashed_with_what_is_wrong) {
  const auto s = run_script("echo hello");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer's reply breaks the protocol: 'hello' is not a JSON object");
}

TEST(peer, one_that_never_stops_talking_is_ended) {
  auto s = run_script("exec yes");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer wrote 'y' without being asked");
  s = run_script("exec tr '\\0' x < /dev/zero");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer wrote more than a mebibyte where one line was expected");
}

TEST(peer, an_answer_to_another_request_is_crashed) {
  EXPECT_EQ(run_script(R"sh(echo '{"id":4,"status":"ok"}')sh").detail,
            "the peer's reply breaks the protocol: it answers request 4 instead of 3");
  script_peer late(opened +
                   R"sh(echo '{"id":3,"status":"ok"}'; read -r sample; echo '{"id":3,"status":"ok"}')sh");
  EXPECT_EQ(late.take().status, sample_status::ok);
  EXPECT_EQ(late.take().detail, "the peer's reply breaks the protocol: it answers request 3 instead of 4");
}

TEST(peer, an_answer_that_nobody_asked_for_is_crashed) {
  const auto s =
      run_script(R"sh(printf '{"id":3,"status":"ok"}\n{"id":4,"status":"ok"}\n'; read -r sample)sh");
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, R"sh(the peer wrote '{"id":4,"status":"ok"}' without being asked)sh");
}

TEST(peer, one_that_speaks_another_protocol_is_crashed) {
  const auto s =
      script_peer(R"sh(read -r hello; echo '{"id":1,"protocol":2,"name":"n","version":"v"}'; cat)sh").take();
  EXPECT_EQ(s.status, sample_status::crashed);
  EXPECT_EQ(s.detail, "the peer's reply breaks the protocol: it speaks protocol 2 instead of 1");
}

TEST(peer, a_cell_that_it_refuses_has_no_samples) {
  script_peer peer(R"sh(
    read -r hello; echo '{"id":1,"protocol":1,"name":"fake","version":"1"}'
    read -r open; echo '{"id":2,"status":"skipped","detail":"not closable"}'
    read -r sample; echo '{"id":3,"status":"ok"}')sh");
  for (int sample = 1; sample <= 2; ++sample) {
    const auto s = peer.take();
    EXPECT_EQ(s.status, sample_status::skipped);
    EXPECT_EQ(s.detail, "not closable");
  }
}

TEST(peer, one_that_is_not_there_is_crashed) {
  EXPECT_EQ(open_peer(line_of({"/nowhere/peer"}), {}, {})->take().detail,
            "the peer could not be started: No such file or directory");
}

TEST(peer, its_input_is_the_requests) {
  script_peer peer(R"sh(
    read -r hello; echo "$hello" >&2; echo '{"id":1,"protocol":1,"name":"fake","version":"1"}'
    read -r open; echo '{"id":2,"status":"ok"}'
    read -r sample; printf '{"id":3,"status":"skipped","detail":"%s"}\n' "$(echo $hello $open $sample | tr -d '"')")sh");
  EXPECT_EQ(peer.take().detail,
            "{id:1,request:hello,protocol:1} {id:2,request:open,scenario:throughput,producers:1,consumers:1,"
            "item_bytes:8,sample_ms:50.0,seed:0} {id:3,request:sample}");
}

TEST(peer, what_the_user_has_set_does_not_reach_it) {
  const std::map<std::string, std::optional<std::string>> ours{{"PYTHONASYNCIODEBUG", "1"},
                                                               {"PYTHONHASHSEED", "7"},
                                                               {"LC_ALL", "tlh"},
                                                               {"MALLOC_ARENA_MAX", "1"},
                                                               {"TMPDIR", "/elsewhere"}};
  script_peer peer(opened + R"sh(
    printf '{"id":3,"status":"skipped","detail":"%s"}\n' "$(env | sort | tr '\n' ' ')")sh");
  const variables_for_now set(ours);
  const auto told = " " + peer.take().detail + " ";
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
    return run_script(R"sh(printf '{"id":3,"status":"skipped","detail":"%s"}\n' \
      "$(echo $(grep -E '^Sig(Blk|Ign)' /proc/self/status))")sh");
  });
  EXPECT_EQ(s.detail, "SigBlk: 0000000000000000 SigIgn: 0000000000000000");
}

TEST(peer, describes_itself_in_its_hello) {
  const temporary_folder folder;
  const auto described = [&](const std::string& body) {
    const auto program = folder.script("peer", body).string();
    return describe_peer(line_of({program, "first"}));
  };
  EXPECT_EQ(
      described(
          R"sh(read -r _; echo "{\"id\":1,\"protocol\":1,\"name\":\"language $*\",\"version\":\"3\"}"; cat)sh"),
      "language first 3");
  EXPECT_EQ(described("echo half; exit 1"), "");
  EXPECT_EQ(described("exit 0"), "");
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
  c.scenario = harness::scenario::join;
  EXPECT_EQ(why_peer_cannot(line, c), "the peer does not offer join");
  c.scenario = harness::scenario::ping_pong;
  c.consumers = 2;
  EXPECT_EQ(why_peer_cannot(line, c), "ping_pong has one producer and one consumer");
}

TEST(peer, a_pinned_one_has_one_core) {
  const auto cores = opened + R"sh(echo "{\"id\":3,\"status\":\"ok\",\"items\":$(nproc)}")sh";
  harness::cell c;
  c.pin = harness::pinning::compact;
  EXPECT_EQ(script_peer(cores, c).take().items, 1U);
  c.pin = harness::pinning::none;
  EXPECT_EQ(script_peer(cores, c).take().items, harness::usable_cores()) << "and we are where we were";
}

TEST(peer, a_missing_interpreter_is_named) {
  EXPECT_EQ(missing_program(line_of({"sh", "x"})), "");
  EXPECT_EQ(missing_program(line_of({"no-such-interpreter", "x"})), "no-such-interpreter");
}

}  // namespace
}  // namespace handoff::bench
