// How a constructor treats a capacity at the edge: one rule for every backend (queues/contract/capacity.hpp).
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

/// The sentence of the exception names the backend and says what would be right.
template <class Refusal>
void expect_refusal(const trial& t, std::size_t capacity, const std::string& right) {
  try {
    const auto taken = t.make(capacity);
    ADD_FAILURE() << "a capacity of " << capacity << " was taken";
  } catch (const Refusal& refusal) {
    const std::string sentence = refusal.what();
    EXPECT_EQ(sentence.find(std::string(t.traits().name) + ": capacity "), 0U) << sentence;
    EXPECT_NE(sentence.find(right), std::string::npos) << sentence;
  }
}

void a_bound_of_nothing_is_refused(const trial& t) {
  expect_refusal<std::invalid_argument>(t, 0, "must be at least 1");
}

void a_reserve_of_nothing_is_a_queue_as_any_other(const trial& t) {
  lone_queue q(t, 0);
  for (item_key key = 0; key < 100; ++key) ASSERT_EQ(q.producer->push(key), success);
  for (item_key key = 0; key < 100; ++key) {
    item_key popped = 0;
    ASSERT_EQ(q.consumer->pop(popped), success);
    EXPECT_EQ(popped, key);
  }
}

void a_capacity_beyond_counting_is_refused(const trial& t) {
  expect_refusal<std::length_error>(t, std::numeric_limits<std::size_t>::max(), "must be at most ");
}

}  // namespace

std::span<const test_case> capacity_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_bound_of_nothing_is_refused, bounded, words | blocks_of_64 | tracked | throwing,
                   setting::alone),
      HANDOFF_CASE(a_reserve_of_nothing_is_a_queue_as_any_other, unbounded | blocks, tracked, setting::alone),
      HANDOFF_CASE(a_capacity_beyond_counting_is_refused, nothing, words | blocks_of_64 | tracked | throwing,
                   setting::alone),
  };
  return cases;
}

}  // namespace handoff::conformance
