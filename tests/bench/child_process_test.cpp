#include "bench/children/child_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using clock = child_process::clock;

constexpr std::size_t more_than_a_pipe = 200'000;

clock::time_point soon() { return clock::now() + 60s; }
bool never(std::string_view) { return false; }

TEST(child_process, reads_all_that_it_is_written) {
  child_process child({"cat"});
  const std::string text(more_than_a_pipe, 'x');
  std::string read;
  // A child that answers while it is written to must be read, too: half a pipe is written at a time.
  for (std::size_t begin = 0; begin < text.size(); begin += 32768) {
    const auto part = text.substr(begin, 32768);
    child.write(part, soon());
    const auto end =
        child.read_until([&](std::string_view got) { return got.size() == part.size(); }, soon());
    ASSERT_FALSE(end.has_value());
    read += child.take_output();
  }
  EXPECT_EQ(read, text);
  child.close_input();
  const auto end = child.read_until(never, soon());
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->reason, ending::exited);
  EXPECT_EQ(end->code, 0);
  EXPECT_EQ(child.read_until(never, soon())->reason, ending::exited) << "and it says so again";
}

TEST(child_process, one_that_does_not_read_is_written_to_until_the_deadline) {
  child_process child({"sleep", "1000"});
  const auto began = clock::now();
  child.write(std::string(more_than_a_pipe, 'x'), began + 50ms);
  EXPECT_GE(clock::now(), began + 50ms);
  EXPECT_EQ(child.read_until(never, clock::now())->reason, ending::timed_out);
}

TEST(child_process, one_that_has_ended_is_written_to_in_vain) {
  child_process child({"true"});
  ASSERT_TRUE(child.read_until(never, soon()).has_value());
  child.write("hello\n", soon());  // SIGPIPE would end this program
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(child_process, output_is_pending_until_it_is_taken) {
  child_process child({"/bin/sh", "-c", "printf 'one\\ntwo'; printf 'no' >&2"});
  ASSERT_TRUE(child.read_until(never, soon()).has_value());
  EXPECT_EQ(child.take_output('\n'), "one");
  EXPECT_EQ(child.pending_output(), "two");
  EXPECT_EQ(child.take_output('\n'), "two");
  EXPECT_EQ(child.pending_output(), "");
  EXPECT_EQ(child.last_words(), "no");
}

bool lives(pid_t pid) {
  const auto state = read_file("/proc/" + std::to_string(pid) + "/stat");
  return !state.empty() && state.find(") Z ") == std::string::npos;
}

TEST(child_process, does_not_outlive_a_parent_that_is_killed) {
  const temporary_folder folder;
  const auto pid_file = folder / "pid";
  const auto script =
      folder.script("child", "echo $$ > ${0%/*}/new; mv ${0%/*}/new ${0%/*}/pid; exec sleep 1000");
  const pid_t parent = ::fork();
  if (parent == 0) {
    child_process child({script.string()});
    child.read_until(never, clock::now() + 1000s);
    ::_exit(0);
  }
  const auto give_up = soon();
  while (read_file(pid_file).empty() && clock::now() < give_up) std::this_thread::yield();
  const pid_t child = std::stoi(read_file(pid_file));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  while (lives(child)) {
    if (clock::now() > give_up) {
      ::kill(child, SIGKILL);
      FAIL() << "the child lives on";
    }
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace handoff::bench
