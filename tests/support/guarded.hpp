// What surrounds a concurrent test.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "tests/support/seed.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::testing_support {

/// Every concurrent test has a watchdog and prints its seed when it fails.
class guarded : public ::testing::Test {
 protected:
  [[nodiscard]] random_source random(std::uint64_t purpose = 0) const {
    return random_source(seed_).fork(purpose);
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

  const std::uint64_t seed_ = test_seed();
  watchdog watchdog_{current(), seed_};
};

}  // namespace handoff::testing_support
