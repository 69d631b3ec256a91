// The battery: each broken queue meets the suite in a process of its own, where the case that is meant to
// find it must fail, and say what it found. The sound queue that they are made from must pass everything.
//
// Without HANDOFF_BROKEN in the environment this program is the battery; with the name of a specimen (or of a
// sound one) it is the suite for that queue.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/conformance/broken/battery.hpp"
#include "tests/support/sanitizers.hpp"

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
        run_suite(std::string(what_->name), "broken." + std::string(what_->found_by), hangs ? "5" : "");
    EXPECT_NE(seen.output.find("[ RUN      ] broken." + std::string(what_->found_by)), std::string::npos)
        << "no such case:\n"
        << seen.output;
    if (hangs) {
      EXPECT_TRUE(WIFSIGNALED(seen.status)) << "the watchdog did not end it:\n" << seen.output;
    } else {
      EXPECT_TRUE(WIFEXITED(seen.status) && WEXITSTATUS(seen.status) != 0) << "not found:\n" << seen.output;
    }
    // ThreadSanitizer may find something first. It knows no seed.
    if (testing_support::finds_data_races && seen.output.find("data race") != std::string::npos) return;
    EXPECT_NE(seen.output.find(what_->says), std::string::npos) << "red for another reason:\n" << seen.output;
    EXPECT_NE(seen.output.find("HANDOFF_TEST_SEED="), std::string::npos) << "without its seed:\n"
                                                                         << seen.output;
  }

 private:
  const specimen* what_;
};

class sound_test final : public ::testing::Test {
 public:
  explicit sound_test(const specimen& what) : what_(&what) {}

  void TestBody() override {
    const outcome seen = run_suite(std::string(what_->name), "broken." + std::string(what_->found_by), "");
    EXPECT_TRUE(WIFEXITED(seen.status) && WEXITSTATUS(seen.status) == 0) << seen.output;
    EXPECT_NE(seen.output.find("[ RUN      ]"), std::string::npos) << seen.output;
  }

 private:
  const specimen* what_;
};

const specimen* specimen_called(std::string_view name) {
  for (const auto all : {battery(), sound_ones()})
    for (const specimen& s : all)
      if (s.name == name) return &s;
  return nullptr;
}

template <class Test>
void register_all(const char* suite, std::span<const specimen> specimens) {
  for (const specimen& s : specimens)
    ::testing::RegisterTest(suite, std::string(s.name).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&s]() -> ::testing::Test* { return new Test(s); });
}

bool register_battery() {
  if (const char* chosen = std::getenv("HANDOFF_BROKEN")) {
    const specimen* found = specimen_called(chosen);
    if (found == nullptr) std::abort();
    register_specimen(*found);
    return true;
  }
  register_all<battery_test>("conformance_catches_a_queue_that", battery());
  register_all<sound_test>("conformance_accepts", sound_ones());
  return true;
}

const bool registered = register_battery();

}  // namespace

}  // namespace handoff::conformance::broken
