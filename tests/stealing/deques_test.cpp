// What every deque of queues/stealing must do.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include "queues/stealing/block_deque.hpp"
#include "queues/stealing/bounded_deque.hpp"
#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/stealing/private_deque.hpp"
#include "tests/stealing/model.hpp"
#include "tests/stealing/orderings.hpp"
#include "tests/stealing/pauses.hpp"
#include "tests/stealing/race.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::stealing_tests {
namespace {

struct chase_lev {
  template <class T, class Steps>
  using deque = stealing::chase_lev_deque<T, Steps>;
};
struct bounded {
  template <class T, class Steps>
  using deque = stealing::bounded_deque<T, Steps>;
};
struct blocks_of_two {
  template <class T, class Steps>
  using deque = stealing::block_deque<T, Steps, 2>;
};

struct on_request {
  template <class T, class Steps>
  using deque = stealing::private_deque<T, Steps>;
};

template <class Kind>
class deques : public testing_support::guarded {
 protected:
  using numbers = typename Kind::template deque<std::uint64_t, scripted_steps>;
  using payloads = typename Kind::template deque<payload*, scripted_steps>;
};

using kinds = ::testing::Types<chase_lev, bounded, blocks_of_two, on_request>;
TYPED_TEST_SUITE(deques, kinds);

/// Shortly before counters of 8, 16, 32 and 64 bits begin again, and from 0.
first_position start_of(testing_support::random_source& random) {
  constexpr std::uint64_t ends[] = {8, 256, 65'536, std::uint64_t{1} << 32, 0};
  return {ends[random.below(5)] - random.below(9)};
}

TYPED_TEST(deques, agree_with_a_list) {
  auto random = this->random();
  for (testing_support::rounds r(300); r.next();) {
    const std::size_t capacity = std::size_t{1} << random.below(6);
    const auto first = start_of(random);
    EXPECT_EQ(
        agrees_with_a_model<typename TestFixture::numbers>(random.fork(r.index()), capacity, first, 400), "")
        << "capacity " << capacity << ", first position " << first.value;
  }
}

TYPED_TEST(deques, lose_and_double_nothing_wherever_a_push_stops) {
  EXPECT_EQ(every_pause<typename TestFixture::numbers>(act::push), "");
}

TYPED_TEST(deques, lose_and_double_nothing_wherever_a_pop_stops) {
  EXPECT_EQ(every_pause<typename TestFixture::numbers>(act::pop), "");
}

TYPED_TEST(deques, lose_and_double_nothing_wherever_a_steal_stops) {
  EXPECT_EQ(every_pause<typename TestFixture::numbers>(act::steal), "");
}

TYPED_TEST(deques, lose_and_double_nothing_wherever_a_theft_of_half_stops) {
  if constexpr (stealing::halving_deque<typename TestFixture::numbers>) {
    EXPECT_EQ(every_pause<typename TestFixture::numbers>(act::steal_half), "");
  }
}

TYPED_TEST(deques, lose_and_double_nothing_wherever_a_steal_and_another_operation_overlap) {
  using deque = typename TestFixture::numbers;
  for (const act other : {act::pop, act::push, act::steal}) {
    EXPECT_EQ(every_overlap<deque>(act::steal, other), "");
    EXPECT_EQ(every_overlap<deque>(other, act::steal), "");
    if constexpr (stealing::halving_deque<deque>) {
      EXPECT_EQ(every_overlap<deque>(act::steal_half, other), "");
      EXPECT_EQ(every_overlap<deque>(other, act::steal_half), "");
    }
  }
}

TYPED_TEST(deques, show_a_thief_what_belongs_to_an_item_wherever_it_stops) {
  every_meeting<typename TestFixture::payloads>();
}

TYPED_TEST(deques, give_every_item_exactly_once_to_an_owner_and_three_thieves) {
  using racing = race<typename TestFixture::payloads>;
  testing_support::crew crew(racing::thieves + 1);
  auto random = this->random();
  for (testing_support::rounds r(100); r.next();) {
    const std::size_t capacity = std::size_t{2} << random.below(5);
    racing round(1'000, capacity, start_of(random));
    crew.run([&](unsigned index) {
      crew.line_up();
      round.take_part(index, random.fork(r.index() * 8 + index));
    });
    EXPECT_EQ(round.finding(), "") << "capacity " << capacity;
  }
}

}  // namespace
}  // namespace handoff::stealing_tests
