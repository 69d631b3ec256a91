// Queues that let a test choose the number at which their positions begin: the counters overflow here, each
// width at once.
#include <cstdint>
#include <deque>
#include <string>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/items/model.hpp"
#include "tests/conformance/cases/threads/traffic.hpp"

namespace handoff::conformance {

namespace {

/// Calls `body` with a position shortly before each of the numbers at which a counter may overflow.
template <class Body>
void shortly_before_each_overflow(Body body) {
  for (const unsigned bits : {8U, 16U, 24U, 31U, 32U, 48U, 63U, 64U}) {
    const std::uint64_t overflow = bits == 64 ? 0 : std::uint64_t{1} << bits;
    SCOPED_TRACE("positions of " + std::to_string(bits) + " bits overflow");
    body(first_position{overflow - 5});
    if (::testing::Test::HasFailure()) return;
  }
}

/// Full queues, one of which lies across the overflow, whatever a random walk does.
void fill_and_drain(const trial& t, std::size_t asked, first_position first) {
  lone_queue q(t, asked, first);
  const std::size_t bound = t.traits().bounded ? q.queue->capacity() : asked;
  for (unsigned lap = 0; lap < 6; ++lap) {
    std::deque<item_key> inside;
    for (item_key key = 0; key < bound; ++key) {
      ASSERT_EQ(q.producer->try_push(item_key{key}), success) << "capacity " << asked;
      inside.push_back(key);
    }
    for (item_key key = 0; !inside.empty() && !::testing::Test::HasFailure();) {
      ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success) << "capacity " << asked;
      expect_next(inside, key, t.traits().order);
    }
  }
}

void positions_overflow_unnoticed(const trial& t) {
  for (const std::size_t asked : {1U, 2U, 3U, 8U, 13U})
    shortly_before_each_overflow([&](first_position first) {
      fill_and_drain(t, asked, first);
      if (!::testing::Test::HasFailure()) agree_with_a_model(t, asked, first);
    });
}

void positions_overflow_unnoticed_under_traffic(const trial& t) {
  shortly_before_each_overflow([&](first_position first) {
    traffic_plan plan{
        .producers = t.producers(2), .consumers = t.consumers(2), .capacity = 3, .first = first};
    expect_exactly_once(run_traffic(t, plan), plan);
  });
}

}  // namespace

std::span<const test_case> position_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(positions_overflow_unnoticed, tries | positions, tracked, setting::alone),
      HANDOFF_CASE(positions_overflow_unnoticed_under_traffic, blocks | positions),
  };
  return cases;
}

}  // namespace handoff::conformance
