// The single steps on which the protocol of a hub stands. Tests replace one, and see that it is missed.
#pragma once

#include <atomic>
#include <exception>

#include "queues/stealing/detail/record.hpp"
#include "queues/support/eventcount.hpp"

namespace handoff::stealing::detail {

struct steps {
  /// A worker wants a record, or no worker does: under the lock.
  static void request(std::atomic<bool>& wanted, bool yes) noexcept {
    wanted.store(yes, std::memory_order_relaxed);  // a hint; what it leads to happens under the lock
  }
  /// A record is listed, and no worker that is awake looks for one.
  static void wake_one(support::eventcount& sleepers) { sleepers.notify_one(); }

  /// A worker has taken the record out of the list and will run it: under the lock.
  static void mark_taken(record& r) noexcept { r.where = record::place::taken; }

  /// The record has run: under the lock.
  static void wake_joiner(support::eventcount::waiter& joiner) noexcept { joiner.stop(); }

  /// Whether the join of a record that was taken may return: under the lock.
  static bool is_over(const record& r) noexcept { return r.where == record::place::over; }
};

}  // namespace handoff::stealing::detail
