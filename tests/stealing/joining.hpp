// A join that sleeps while consumers mark items, as schedules on one thread: what a consumer is asked about
// its own items is the moment at which others act.
//
// Each case is a function of the class that it examines: with the one that is shipped it finds nothing, with
// a mutant it says what went wrong.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/support/counter.hpp"
#include "queues/support/participants.hpp"
#include "queues/support/wait_policy.hpp"
#include "tests/support/planted.hpp"
#include "tests/support/presence.hpp"

namespace handoff::stealing_tests {

/// The steps of a processor that keeps stores to itself until it fences, as every one may: a count is seen by
/// nobody before the fence that follows it. What is shipped counts by a plain store, and only a rare schedule
/// of two cores shows what its fence is for; here, it is the only way out.
class store_buffer {
 public:
  static void count(support::counter& c) noexcept { now->held_.push_back(&c); }
  static void full_fence() noexcept { now->flush(); }

  /// While it lives, the calling thread is the processor `p`.
  class as {
   public:
    explicit as(store_buffer& p) noexcept : before_(std::exchange(now, &p)) {}
    as(const as&) = delete;
    as& operator=(const as&) = delete;
    ~as() { now = before_; }

   private:
    store_buffer* before_;
  };

  void flush() noexcept {
    for (support::counter* const c : held_) support::count(*c);
    held_.clear();
  }

 private:
  static inline thread_local store_buffer* now = nullptr;
  std::vector<support::counter*> held_;
};

/// A consumer that marks one of two items knows of the other, which is finished before it has said so. Then
/// the one that finishes it wakes the joiner.
template <class Completion>
std::string an_item_finished_while_it_is_known_ends_the_join() {
  support::participant_list everybody;
  Completion completion;
  store_buffer knowing, finishing;
  support::participant &first = everybody.take(), &second = everybody.take();
  support::count(first.push_steps, 4);  // two pushes
  std::atomic<bool> returned{false};
  testing_support::presence where;
  std::thread joiner([&] {
    where.announce();
    completion.join(everybody);
    returned = true;
  });
  where.wait_until_blocked(INT64_MAX);
  std::uint64_t mine = 1, other = 1;
  {
    const store_buffer::as one(knowing);
    completion.task_done(first, mine, everybody, [&] {
      const store_buffer::as another(finishing);
      completion.task_done(second, other, everybody);
      return true;  // what it saw before that
    });
  }
  knowing.flush();
  finishing.flush();
  const bool sleeps_on = testing_support::sleeps_on(returned, where);
  if (sleeps_on) {
    const store_buffer::as one(knowing);
    completion.look_for_joiners(everybody, [] { return false; });
  }
  joiner.join();
  return sleeps_on ? "both items are done, and the joiner sleeps on" : "";
}

template <class T>
using growable_deque = stealing::chase_lev_deque<T>;

/// `Pool` of 64-bit items.
template <class Pool>
std::string who_says_it_holds_items_does() {
  Pool queue("examined", 0);
  auto owner = queue.consumer(), thief = queue.consumer();
  std::uint64_t item = 0;
  if (owner.holds_items()) return "it holds items before it has made one";
  owner.spawn(1);
  if (!owner.holds_items()) return "it holds no items after it has made one";
  if (thief.holds_items()) return "it holds what is another's";
  if (thief.try_pop(item) != op_status::success) return "an item was lost";
  return owner.holds_items() ? "it holds an item that was stolen" : "";
}

}  // namespace handoff::stealing_tests
