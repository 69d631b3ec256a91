// The battery: each broken queue is put before the suite in a process of its own, where the case that is
// meant to find it must fail, and say what it found. The sound queue that they are made from must pass
// everything.
//
// Without HANDOFF_BROKEN in the environment this program is the battery; with the name of a specimen (or
// `none`) it is the suite held against that one.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/conformance/broken/battery.hpp"

extern char** environ;

namespace handoff::conformance::broken {

namespace {

struct outcome {
  int status = 0;
  std::string output;
};

/// Runs this program on the specimen with the cases that match `filter`.
outcome run_suite(const std::string& specimen_name, const std::string& filter, const std::string& limit) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  std::erase_if(environment, [](const std::string& e) { return e.starts_with("GTEST_"); });
  environment.push_back("HANDOFF_BROKEN=" + specimen_name);
  if (!limit.empty()) environment.push_back("HANDOFF_TEST_LIMIT_S=" + limit);
  std::vector<char*> envp;
  for (auto& entry : environment) envp.push_back(entry.data());
  envp.push_back(nullptr);
  std::string program = "/proc/self/exe";
  std::string argument = "--gtest_filter=" + filter;
  std::array<char*, 3> argv{program.data(), argument.data(), nullptr};

  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), envp.data()), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);

  outcome result;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = ::read(ends[0], part.data(), part.size())) > 0;)
    result.output.append(part.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, &result.status, 0);
  return result;
}

class battery_test final : public ::testing::Test {
 public:
  explicit battery_test(const specimen& what) : what_(&what) {}

  void TestBody() override {
    const bool hangs = what_->says == "hangs";
    const outcome seen =
        run_suite(std::string(what_->name), "broken." + std::string(what_->found_by), hangs ? "4" : "");
    EXPECT_NE(seen.output.find("[ RUN      ] broken." + std::string(what_->found_by)), std::string::npos)
        << "no such case:\n"
        << seen.output;
    if (hangs) {
      EXPECT_TRUE(WIFSIGNALED(seen.status)) << "the watchdog did not end it:\n" << seen.output;
    } else {
      EXPECT_TRUE(WIFEXITED(seen.status) && WEXITSTATUS(seen.status) == 1) << "not found:\n" << seen.output;
    }
    EXPECT_NE(seen.output.find(what_->says), std::string::npos) << "red for another reason:\n" << seen.output;
    EXPECT_NE(seen.output.find("HANDOFF_TEST_SEED="), std::string::npos) << "without its seed:\n"
                                                                         << seen.output;
  }

 private:
  const specimen* what_;
};

class sound_test final : public ::testing::Test {
 public:
  void TestBody() override {
    const outcome seen = run_suite("none", "broken.*", "");
    EXPECT_TRUE(WIFEXITED(seen.status) && WEXITSTATUS(seen.status) == 0) << seen.output;
  }
};

bool register_battery() {
  if (const char* chosen = std::getenv("HANDOFF_BROKEN")) {
    static const specimen sound{.name = "none", .found_by = "", .says = ""};
    const specimen* found = &sound;
    for (const specimen& s : battery())
      if (s.name == chosen) found = &s;
    if (found->name != chosen) std::abort();
    register_specimen(*found);
    return true;
  }
  for (const specimen& s : battery())
    ::testing::RegisterTest("conformance_catches_a_queue_that", std::string(s.name).c_str(), nullptr, nullptr,
                            __FILE__, __LINE__, [&s]() -> ::testing::Test* { return new battery_test(s); });
  ::testing::RegisterTest("conformance_accepts", "the_queue_that_the_broken_ones_are_made_from", nullptr,
                          nullptr, __FILE__, __LINE__, []() -> ::testing::Test* { return new sound_test; });
  return true;
}

const bool registered = register_battery();

}  // namespace

}  // namespace handoff::conformance::broken
