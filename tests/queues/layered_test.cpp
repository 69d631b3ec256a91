// What the layering promises beyond the contract, or where a case needs to see inside of it.
#include "queues/support/layered.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "queues/support/with_wait.hpp"
#include "tests/queues/plain_ring.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/items.hpp"
#include "tests/support/lockstep.hpp"
#include "tests/support/presence.hpp"
#include "tests/support/rounds.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::queue_tests {
namespace {

using support::announced_close;
using support::count;
using support::participant;
using support::participant_list;
using testing_support::crew;
using testing_support::lockstep;
using testing_support::move_failed;
using testing_support::presence;
using testing_support::rounds;
using testing_support::scaled;
using testing_support::stroll;
using testing_support::throwing_item;

using park_at_once = support::basic_park<0>;
template <class T>
using parked = support::layered<plain_ring<T>, park_at_once>;

static_assert(timed_queue<parked<int>> && cancellable_queue<parked<int>> && closable<parked<int>>);
static_assert(joinable<parked<int>> && blocking_queue<parked<int>> &&
              counts_failures<producer_handle<parked<int>>>);
using without_close = support::layered<plain_ring<int>, park_at_once, support::no_close>;
using without_completion =
    support::layered<plain_ring<int>, park_at_once, announced_close, support::no_completion>;
static_assert(!closable<without_close> && joinable<without_close>, "what is left out does not exist");
static_assert(closable<without_completion> && !joinable<without_completion>);

/// Says `empty` twice before it gives an item away: what a queue whose `empty` may be false does when another
/// consumer is in the middle of it.
class reluctant_ring {
 public:
  using value_type = int;
  static constexpr backend_traits traits = [] {
    backend_traits same = plain_ring<int>::traits;
    same.name = "reluctant_ring";
    same.exact_empty = false;
    return same;
  }();

  explicit reluctant_ring(std::size_t capacity) : ring_(capacity) {}
  reluctant_ring& producer() { return *this; }
  reluctant_ring& consumer() { return *this; }

  op_status try_push(int&& item) {
    ++size_;
    return ring_.try_push(std::move(item));
  }
  op_status try_pop(int& item) {
    if (++attempts_ % 3 != 0) return op_status::empty;
    const op_status status = ring_.try_pop(item);
    if (status == op_status::success) --size_;
    return status;
  }
  std::size_t size() const { return size_; }

 private:
  plain_ring<int> ring_;
  std::size_t size_ = 0;
  unsigned attempts_ = 0;
};

class Layered : public testing_support::guarded {};

/// A push that was let in holds the verdict up until it is over.
TEST_F(Layered, the_verdict_waits_for_a_push_that_had_begun) {
  participant_list everybody;
  announced_close protocol;
  participant& pushing = everybody.take();
  ASSERT_TRUE(protocol.enter(pushing));
  protocol.close();
  EXPECT_TRUE(protocol.is_closed());
  EXPECT_FALSE(protocol.settled(everybody)) << "its item may yet go in";
  announced_close::leave(pushing);
  EXPECT_TRUE(protocol.settled(everybody));
}

/// A producer that looked before the close may announce a push, only to be refused, long after it.
TEST_F(Layered, a_verdict_is_not_taken_back_by_a_push_that_is_about_to_be_refused) {
  participant_list everybody;
  announced_close protocol;
  participant& late = everybody.take();
  protocol.close();
  ASSERT_TRUE(protocol.settled(everybody));
  support::count(late.push_steps);
  EXPECT_TRUE(protocol.settled(everybody)) << "`closed` is the last answer";
  EXPECT_TRUE(protocol.is_closed());
}

TEST_F(Layered, a_push_that_was_refused_is_not_waited_for) {
  parked<int> queue(4);
  ASSERT_EQ(queue.producer().try_push(1), op_status::success);
  queue.close();
  auto consumer = queue.consumer();
  int item = 0;
  EXPECT_EQ(consumer.try_pop(item), op_status::success);
  EXPECT_EQ(consumer.try_pop(item), op_status::closed);
  EXPECT_EQ(queue.producer().try_push(2), op_status::closed);
  EXPECT_EQ(consumer.try_pop(item), op_status::closed) << "a refused push is not inside";
}

TEST_F(Layered, a_false_empty_is_not_the_end_of_a_closed_queue) {
  support::layered<reluctant_ring, support::yield> queue(4);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(queue.producer().try_push(int{i}), op_status::success);
  queue.close();
  auto consumer = queue.consumer();
  int item = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(consumer.pop(item), op_status::success);
    EXPECT_EQ(item, i);
  }
  EXPECT_EQ(consumer.pop(item), op_status::closed);
}

/// One push against one close, at the same moment: either it was refused, or the verdict saw its item.
TEST_F(Layered, a_push_that_meets_a_close_is_refused_or_seen) {
  struct race {
    participant_list everybody;
    announced_close protocol;
    bool entered = false;
    bool settled = false;
  };
  constexpr std::size_t races = 500;
  crew pair(2);
  for (rounds round(400); round.next();) {
    std::vector<race> all(races);
    lockstep together;
    pair.run([&](unsigned me) {
      auto mine = random(round.index()).fork(me);
      for (std::size_t i = 0; i < races; ++i) {
        race& r = all[i];
        participant* self = me == 0 ? &r.everybody.take() : nullptr;
        together.meet(me, 3 * i);
        // Each holds the line that the other is about to write: its own store is then slower than its look.
        if (me == 0) {
          EXPECT_FALSE(r.protocol.is_closed());
        } else {
          EXPECT_TRUE(r.protocol.settled(r.everybody));
        }
        together.meet(me, 3 * i + 1);
        stroll(mine.below(60));
        if (me == 0) {
          r.entered = r.protocol.enter(*self);
        } else {
          r.protocol.close();
          r.settled = r.protocol.settled(r.everybody);
        }
        together.meet(me, 3 * i + 2);
      }
    });
    for (const race& r : all) ASSERT_FALSE(r.entered && r.settled) << "an accepted item was lost";
  }
}

/// One last task_done against one join that parks, at the same moment: the joiner sees the count, or is
/// woken.
TEST_F(Layered, a_last_item_done_while_a_joiner_parks_ends_the_join) {
  struct race {
    participant_list everybody;
    support::counted_completion<park_at_once> completion;
  };
  constexpr std::size_t races = 200;
  crew pair(2);
  for (rounds round(400); round.next();) {
    std::vector<race> all(races);
    lockstep together;
    pair.run([&](unsigned me) {
      auto mine = random(round.index()).fork(me);
      for (std::size_t i = 0; i < races; ++i) {
        race& r = all[i];
        participant* self = me == 0 ? &r.everybody.take() : nullptr;
        if (me == 0) count(self->push_steps, 2);
        together.meet(me, i);
        stroll(mine.below(200));
        std::uint64_t unfinished = 1;
        if (me == 0)
          r.completion.task_done(*self, unfinished, r.everybody);
        else
          r.completion.join(r.everybody);
      }
    });
  }
}

TEST_F(Layered, a_refused_push_is_not_announced) {
  participant_list everybody;
  announced_close protocol;
  participant& pushing = everybody.take();
  protocol.close();
  EXPECT_FALSE(protocol.enter(pushing));
  EXPECT_EQ(pushing.push_steps.load(), 0U) << "or producers that keep trying would keep the verdict off";
}

TEST_F(Layered, a_record_goes_to_the_next_handle_with_its_counters) {
  participant_list everybody;
  participant& first = everybody.take();
  first.push_steps = 8;
  first.failed_attempts = 3;
  participant_list::give_back(first);
  participant& second = everybody.take();
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(second.push_steps.load(), 8U);
  EXPECT_EQ(second.failed_attempts, 0U) << "of the present handle";
  EXPECT_NE(&everybody.take(), &first) << "it is taken";
}

TEST_F(Layered, a_moved_handle_counts_on) {
  parked<int> queue(4);
  auto first = queue.consumer();
  int item = 0;
  EXPECT_EQ(first.try_pop(item), op_status::empty);
  auto second = std::move(first);
  EXPECT_EQ(second.failed_attempts(), 1U);
  EXPECT_EQ(queue.producer().try_push(1), op_status::success);
  EXPECT_EQ(second.try_pop(item), op_status::success);
  auto third = std::move(second);
  third.task_done();
  queue.join();
}

/// What handles left undone, several others may mark at the same time: each item once.
TEST_F(Layered, what_gone_handles_left_undone_is_marked_once_by_several) {
  crew pair(2);
  for (rounds round(3'000); round.next();) {
    parked<int> queue(4);
    for (int i = 0; i < 4; ++i) ASSERT_EQ(queue.producer().try_push(int{i}), op_status::success);
    {
      auto gone = queue.consumer();
      int item = 0;
      for (int i = 0; i < 4; ++i) ASSERT_EQ(gone.try_pop(item), op_status::success);
    }
    std::atomic<int> thrown{0};
    pair.run([&](unsigned) {
      auto heir = queue.consumer();
      pair.line_up();
      for (int i = 0; i < 3; ++i) {
        try {
          heir.task_done();
        } catch (const std::logic_error&) {
          ++thrown;
        }
      }
    });
    ASSERT_EQ(thrown.load(), 2) << "six marks for four items";
    queue.join();
  }
}

/// The count of a push whose move throws is taken back.
TEST_F(Layered, a_push_that_throws_holds_neither_close_nor_join_up) {
  parked<throwing_item> queue(4);
  auto producer = queue.producer();
  auto consumer = queue.consumer();
  throwing_item::throw_after(0);
  EXPECT_THROW(producer.push(throwing_item(1)), move_failed);
  throwing_item::throw_never();
  queue.join();
  queue.close();
  throwing_item item;
  EXPECT_EQ(consumer.pop(item), op_status::closed);
}

/// Whoever was woken and then threw has not used its wake-up: the item is the next one's.
TEST_F(Layered, a_pop_that_throws_passes_its_wake_up_on) {
  parked<throwing_item> queue(4);
  presence where[2];
  std::thread clumsy([&] {
    auto consumer = queue.consumer();
    throwing_item item;
    throwing_item::throw_after(0);
    where[0].announce();
    EXPECT_THROW(consumer.pop(item), move_failed);
  });
  where[0].wait_until_blocked();  // so that it is the one that has waited longest
  std::thread next([&] {
    auto consumer = queue.consumer();
    throwing_item item;
    where[1].announce();
    EXPECT_EQ(consumer.pop(item), op_status::success);
  });
  where[1].wait_until_blocked();
  EXPECT_EQ(queue.producer().try_push(throwing_item(1)), op_status::success);
  clumsy.join();
  next.join();
}

/// One place, no yields before sleeping: every item is a sleep on either side.
TEST_F(Layered, parking_at_once_loses_no_wake_up_in_a_hundred_thousand_turns) {
  parked<int> there(1);
  parked<int> back(1);
  const int turns = static_cast<int>(scaled(100'000));
  std::thread partner([&] {
    auto consumer = there.consumer();
    auto producer = back.producer();
    int item = 0;
    for (int i = 0; i < turns; ++i) {
      ASSERT_EQ(consumer.pop(item), op_status::success);
      ASSERT_EQ(producer.push(item + 1), op_status::success);
    }
  });
  auto producer = there.producer();
  auto consumer = back.consumer();
  int item = 0;
  for (int i = 0; i < turns; ++i) {
    EXPECT_EQ(producer.push(int{i}), op_status::success);
    EXPECT_EQ(consumer.pop(item), op_status::success);
    EXPECT_EQ(item, i + 1);
  }
  partner.join();
}

}  // namespace
}  // namespace handoff::queue_tests
