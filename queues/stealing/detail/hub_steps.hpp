// The single steps on which the protocol of a hub stands. Tests replace one, and see that it is missed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "queues/stealing/detail/continuations.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::stealing::detail {

/// Those up to `stays_awake` are called under the lock of the hub.
struct steps {
  /// Whether forks should give records away, from the numbers of idle workers and of listed records.
  static bool more_wanted(std::size_t idle, std::size_t listed) noexcept { return idle > listed; }

  /// Whether nothing is left to run, from the numbers of idle workers, of all, and of listed records.
  static bool is_quiet(std::size_t idle, std::size_t all, std::size_t listed) noexcept {
    return idle == all && listed == 0;
  }

  static void request(std::atomic<bool>& wanted, bool yes) noexcept {
    wanted.store(yes, std::memory_order_relaxed);  // a hint; what it leads to happens under the lock
  }

  /// Takes a record out of the list, to run it; null if there is none.
  static record* pick(support::intrusive_list<record>& list) noexcept {
    record* const r = list.pop_front();
    if (r != nullptr) r->where = record::place::taken;
    return r;
  }

  /// Takes the oldest coroutine that a worker can continue out, to give it away.
  static record& give(continuation_stack& continuations) noexcept { return continuations.take_oldest(); }

  /// The record has run.
  static void mark_over(awaited_record& r) noexcept { r.where = record::place::over; }
  static void wake_joiner(support::eventcount::waiter& joiner) noexcept { joiner.stop(); }

  /// Whether the join of a record that was taken may return.
  static bool is_over(const record& r) noexcept { return r.where == record::place::over; }

  /// Whether a worker that has enlisted as a sleeper should stay awake, from whether there is a reason to.
  static bool stays_awake(bool ready) noexcept { return ready; }

  /// A worker has found nothing, and will enlist as a sleeper.
  static void about_to_enlist() noexcept {}

  /// A record is listed, and no worker that is awake looks for one.
  static void wake_one(support::eventcount& sleepers) { sleepers.notify_one(); }

  /// Whether all children of a coroutine are over, from how many it waits for less those that are over.
  static bool all_over(std::int64_t balance) noexcept { return balance == 0; }

  /// How often the continuation of a coroutine has been stolen, once it has been stolen again; and once a
  /// fork has been refused because the run is cancelled.
  static std::uint32_t stolen_again(std::uint32_t times) noexcept { return times + 1; }
  static std::uint32_t refused(std::uint32_t times) noexcept { return times; }

  /// The children that are over and of which the coroutine was stolen, all of them.
  template <class Frame>
  static Frame* take_strays(std::atomic<Frame*>& strays) noexcept {
    return strays.exchange(nullptr, std::memory_order_relaxed);  // ordered by what all_over() is asked with
  }

  /// A coroutine that waited in a channel can go on.
  template <class Waiter>
  static void wake_waiter(Waiter& waiter) {
    waiter.wake();
  }

  /// Whether one that waits in a channel and has tried again calls the next one, from whether that may
  /// succeed.
  static bool passes_on(bool some) noexcept { return some; }

  /// Whether an exception of the child forked as `order`th comes out, rather than one of the `other`th.
  static bool comes_out(std::uint32_t order, std::uint32_t other) noexcept { return order < other; }
};

}  // namespace handoff::stealing::detail
