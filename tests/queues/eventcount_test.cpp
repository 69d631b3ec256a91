// The eventcount alone: who is claimed, who sleeps, and that nobody sleeps through a notification.
#include "queues/support/eventcount.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include "tests/queues/system_calls.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/lockstep.hpp"
#include "tests/support/presence.hpp"
#include "tests/support/rounds.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::queue_tests {
namespace {

using std::chrono::steady_clock;
using support::eventcount;
using testing_support::crew;
using testing_support::lockstep;
using testing_support::presence;
using testing_support::rounds;
using testing_support::scaled;
using testing_support::stroll;
using waiter = eventcount::waiter;

class Eventcount : public testing_support::guarded {};

TEST_F(Eventcount, a_notification_without_waiters_is_not_kept) {
  eventcount event;
  event.notify_one();
  event.notify_all();
  waiter w;
  event.enlist(w);
  EXPECT_TRUE(event.has_waiters());
  EXPECT_FALSE(event.leave(w));
  EXPECT_FALSE(event.has_waiters());
}

TEST_F(Eventcount, notify_one_claims_the_one_that_has_waited_longest_and_no_other) {
  eventcount event;
  waiter first;
  waiter second;
  waiter third;
  for (waiter* w : {&first, &second, &third}) event.enlist(*w);
  event.notify_one();
  event.notify_one();
  EXPECT_TRUE(event.leave(first));
  EXPECT_TRUE(event.leave(second));
  EXPECT_FALSE(event.leave(third));
}

TEST_F(Eventcount, notify_all_claims_everybody_who_is_there) {
  eventcount event;
  waiter first;
  waiter second;
  waiter late;
  event.enlist(first);
  event.enlist(second);
  event.notify_all();
  event.enlist(late);
  EXPECT_TRUE(event.leave(first));
  EXPECT_TRUE(event.leave(second));
  EXPECT_FALSE(event.leave(late));
}

TEST_F(Eventcount, a_notify_all_ends_although_those_it_wakes_come_back) {
  eventcount event;
  std::array<waiter, 3> waiters;
  for (waiter& w : waiters) event.enlist(w);
  std::size_t woken = 0;
  on_system_call = [&](long number, const long*) {
    if (number == SYS_futex) {  // each wakes, looks, finds nothing, and waits again
      waiter& w = waiters[woken++ % waiters.size()];
      EXPECT_TRUE(event.leave(w));
      event.enlist(w);
    }
    return std::optional<int>();
  };
  event.notify_all();
  on_system_call = nullptr;
  EXPECT_EQ(woken, waiters.size());
  for (waiter& w : waiters) EXPECT_FALSE(event.leave(w));
}

TEST_F(Eventcount, a_stopped_waiter_is_passed_over) {
  eventcount event;
  waiter stopped;
  waiter next;
  event.enlist(stopped);
  event.enlist(next);
  stopped.stop();
  event.notify_one();
  EXPECT_FALSE(event.leave(stopped));
  EXPECT_TRUE(event.leave(next));
}

TEST_F(Eventcount, a_stop_does_not_take_a_notification_back) {
  eventcount event;
  waiter w;
  event.enlist(w);
  event.notify_one();
  w.stop();
  EXPECT_TRUE(event.leave(w));
}

TEST_F(Eventcount, a_waiter_whose_deadline_has_passed_is_passed_over) {
  eventcount event;
  waiter late;
  waiter next;
  event.enlist(late);
  event.enlist(next);
  const deadline_t past = deadline_t::min();
  event.sleep(late, &past);
  event.notify_one();
  EXPECT_FALSE(event.leave(late)) << "it looks no more, or has looked already";
  EXPECT_TRUE(event.leave(next));
}

TEST_F(Eventcount, a_deadline_does_not_take_a_notification_back) {
  eventcount event;
  waiter w;
  event.enlist(w);
  event.notify_one();
  const deadline_t past = deadline_t::min();
  event.sleep(w, &past);
  EXPECT_TRUE(event.leave(w));
}

TEST_F(Eventcount, whoever_left_in_the_middle_of_the_line_is_not_claimed) {
  eventcount event;
  waiter first;
  waiter middle;
  waiter last;
  for (waiter* w : {&first, &middle, &last}) event.enlist(*w);
  EXPECT_FALSE(event.leave(middle));
  event.notify_one();
  event.notify_one();
  EXPECT_TRUE(event.leave(first));
  EXPECT_TRUE(event.leave(last));
}

TEST_F(Eventcount, a_waiter_can_wait_again) {
  eventcount event;
  waiter w;
  for (int i = 0; i < 3; ++i) {
    event.enlist(w);
    event.notify_one();
    event.sleep(w, nullptr);
    EXPECT_TRUE(event.leave(w));
    event.enlist(w);
    EXPECT_FALSE(event.leave(w));
  }
}

TEST_F(Eventcount, sleep_ends_at_its_deadline_and_not_before) {
  eventcount event;
  waiter w;
  event.enlist(w);
  const deadline_t past = deadline_t::min();
  event.sleep(w, &past);
  EXPECT_FALSE(event.leave(w));
  event.enlist(w);
  const deadline_t soon = steady_clock::now() + std::chrono::milliseconds{2};
  event.sleep(w, &soon);
  EXPECT_GE(steady_clock::now(), soon);
  EXPECT_FALSE(event.leave(w));
}

TEST_F(Eventcount, a_sleeper_is_woken_by_a_notification_and_by_a_stop) {
  for (const bool by_stop : {false, true}) {
    eventcount event;
    waiter w;
    presence where;
    bool claimed = by_stop;
    event.enlist(w);
    std::thread sleeper([&] {
      where.announce();
      const deadline_t end_of_time = deadline_t::max();
      event.sleep(w, &end_of_time);
      claimed = event.leave(w);
    });
    where.wait_until_blocked();
    by_stop ? w.stop() : event.notify_one();
    sleeper.join();
    EXPECT_EQ(claimed, !by_stop);
  }
}

/// Two threads, no spinning at all: each item of news is one notification, and each of them must arrive.
TEST_F(Eventcount, no_notification_is_slept_through_in_a_hundred_thousand) {
  eventcount event[2];
  std::atomic<std::uint64_t> turn{0};
  const std::uint64_t turns = 2 * scaled(100'000);
  const auto play = [&](std::uint64_t me) {
    for (std::uint64_t mine = me; mine < turns; mine += 2) {
      while (turn.load(std::memory_order_relaxed) != mine) {
        waiter w;
        event[me].enlist(w);
        if (turn.load(std::memory_order_relaxed) != mine) event[me].sleep(w, nullptr);
        static_cast<void>(event[me].leave(w));
      }
      turn.store(mine + 1, std::memory_order_relaxed);  // ordered by the eventcount's fences
      event[1 - me].notify_one();
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(turn.load(), turns);
}

/// The news comes at the very moment at which the other registers: one of the two must see the other. Relaxed
/// on purpose: nothing but the eventcount's own fences orders the news and the look.
TEST_F(Eventcount, news_that_comes_while_a_waiter_registers_is_seen_or_wakes_it) {
  struct race {
    eventcount event;
    std::atomic<bool> news{false};
  };
  constexpr std::size_t races = 200;
  crew pair(2);
  for (rounds round(400); round.next();) {
    std::vector<race> all(races);
    lockstep together;
    pair.run([&](unsigned me) {
      auto mine = random(round.index()).fork(me);
      for (std::size_t i = 0; i < races; ++i) {
        auto& [event, news] = all[i];
        together.meet(me, i);
        stroll(mine.below(60));
        if (me == 0) {
          news.store(true, std::memory_order_relaxed);
          event.notify_one();
        } else {
          waiter w;
          event.enlist(w);
          if (!news.load(std::memory_order_relaxed)) event.sleep(w, nullptr);
          static_cast<void>(event.leave(w));
        }
      }
    });
  }
}

}  // namespace
}  // namespace handoff::queue_tests
