// What surrounds a concurrent test of this area.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "tests/support/seed.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::fork_join_tests {

/// Every test has a watchdog and prints its seed when it fails.
class guarded : public ::testing::Test {
 protected:
  [[nodiscard]] testing_support::random_source random(std::uint64_t purpose = 0) const {
    return testing_support::random_source(seed_).fork(purpose);
  }
  void TearDown() override {
    if (HasFailure())
      std::cout << "seed: " << seed_ << "; repeat with HANDOFF_TEST_SEED=" << seed_ << std::endl;
  }

 private:
  static std::string current() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string(test->test_suite_name()) + "." + test->name();
  }

  const std::uint64_t seed_ = testing_support::test_seed();
  testing_support::watchdog watchdog_{current(), seed_};
};

}  // namespace handoff::fork_join_tests
