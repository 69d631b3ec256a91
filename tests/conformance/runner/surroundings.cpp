#include "tests/conformance/runner/surroundings.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <string>

#include "tests/conformance/runner/hang_watch.hpp"
#include "tests/conformance/trial.hpp"
#include "tests/support/census.hpp"
#include "tests/support/seed.hpp"

namespace handoff::conformance {

namespace {

std::string current_test() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(test->test_suite_name()) + "." + test->name();
}

void check_census() {
  using testing_support::census;
  EXPECT_EQ(census::alive.load(), 0)
      << "items constructed and never destroyed (below 0: destroyed too often)";
  EXPECT_EQ(census::destroyed_twice.load(), 0U) << "destructions of items that were not alive";
  EXPECT_EQ(census::used_while_dead.load(), 0U) << "moves from or to items that were not alive";
  EXPECT_EQ(census::moved_by_bytes.load(), 0U) << "items that moved without their move constructor";
  EXPECT_EQ(census::torn.load(), 0U) << "items that came out torn";
  EXPECT_EQ(census::copied.load(), 0U) << "copies of items that can be moved";
  EXPECT_EQ(census::argument_touched.load(), 0U) << "failed pushes that did not leave their argument unmoved";
}

/// A queue may be right for all capacities but one.
std::string last_queue() {
  const std::size_t capacity = trial::last_capacity.load(std::memory_order_relaxed);  // see trial::make
  return capacity == 0 ? "" : "the last queue was made with capacity " + std::to_string(capacity) + "; ";
}

}  // namespace

void surrounded(const std::function<void(std::uint64_t seed)>& body) {
  const std::uint64_t seed = testing_support::test_seed();
  testing_support::census::reset();
  trial::last_capacity.store(0, std::memory_order_relaxed);  // see trial::make
  {
    const hang_watch watchdog(current_test(), seed);
    try {
      body(seed);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "an operation threw: " << error.what();
    }
  }
  check_census();
  if (::testing::Test::HasFailure())
    std::cout << last_queue() << "seed: " << seed << "; repeat with HANDOFF_TEST_SEED=" << seed << std::endl;
}

}  // namespace handoff::conformance
