// What is wrong with a faulty queue, and when. Faults follow from counting, never from chance.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace handoff::harness_tests {

enum class fault : unsigned char {
  none,
  // What goes in is not what comes out. The n-th push …
  loses,           // … drops its item and answers success
  doubles,         // … inserts its item twice
  swaps,           // … and the one after it, of the same producer, trade places
  trades,          // … whatever n: each push trades places with the last item inside, if another producer's
  overtaken,       // … whatever n: producer 0's first items come after sixteen that producer 1 pushed later
  exchanges,       // … and the next, another producer's, trade places. On threads: of producer 0, n is odd
  splits,          // … of the one producer, and the next, trade places on their way to two consumers
  tears,           // … mixes its item with the one before it
  replaces,        // … drops its item and inserts the one before it again; nodes only
  invents,         // … inserts another item as well, which nobody pushed
  invents_marker,  // … inserts an end marker as well
  // A thread or task waits forever. The n-th push or pop, or the only call of its kind …
  forgets_wake_up,           // … leaves its item where no blocked pop sees it
  forgets_wake_up_at_close,  // … closes, and leaves the blocked asleep
  ignores_stop,              // … does not look at its token
  never_joins,
  hangs_in_push,
  hangs_in_pop,
  hangs_in_close,
  hangs_in_task_done,
  hangs_in_destructor,
  // A thread is slow, and does what is right.
  dawdles_in_pop,  // the n-th pop of all keeps its thread at work for fault_plan::dawdle_ns; threads only
  // The wrong status.
  closed_to_push,         // the n-th push, in an open queue
  closed_to_pop,          // the n-th pop, in an open queue
  full_to_push,           // the n-th push
  accepts_after_close,    // every push
  empty_after_close,      // every pop
  closed_when_cancelled,  // every pop whose token is stopped
  joins_at_once,          // join() returns without a look
  joins_after_one,        // join() returns when one item of many is done
  // It ends.
  throws_in_push,
  throws_in_pop,
  throws_in_task_done,
  throws_no_exception_class,  // the n-th pop throws an int
  crashes_in_push,
  crashes_in_pop,
  crashes_in_destructor,
};

/// The one fault of this process. Set before a cell is opened; armed then or later. Every queue counts its
/// own operations, from when the fault is armed and without those that touch its memory.
struct fault_plan {
  inline static fault what = fault::none;
  inline static std::uint64_t nth = 1;
  inline static std::atomic<bool> armed{false};  // relaxed: flipped while no worker is inside a queue
  inline static unsigned arming_queue = 0;  // the plan is armed once this many queues were made; 0: not so

  /// How many items touch the memory of a fresh queue of the cell; if empty, as many as it holds.
  inline static std::optional<std::uint64_t> first_items;

  inline static std::int64_t dawdle_ns = 0;

  static std::uint64_t spared(std::uint64_t capacity) noexcept { return first_items.value_or(capacity); }

  static void queue_made() noexcept {
    if (arming_queue > 0 && --arming_queue == 0) armed.store(true, std::memory_order_relaxed);
  }
  static bool is(fault f) noexcept { return what == f && armed.load(std::memory_order_relaxed); }
};

/// One operation's place among those of its queue. It belongs to the operation: one that waits for room while
/// others are counted keeps its own place.
class occurrence {
 public:
  /// The place of an operation that is not counted: no fault strikes it.
  occurrence() = default;

  [[nodiscard]] bool counted() const noexcept { return number_ > 0; }
  /// Whether this is where `f` strikes.
  [[nodiscard]] bool strikes(fault f) const noexcept {
    return number_ > 0 && fault_plan::is(f) && number_ == fault_plan::nth;
  }
  [[nodiscard]] bool strikes_one_later(fault f) const noexcept {
    return number_ > 0 && fault_plan::is(f) && number_ == fault_plan::nth + 1;
  }

 private:
  friend class occurrences;
  explicit occurrence(std::uint64_t number) noexcept : number_(number) {}
  std::uint64_t number_ = 0;  // from 1
};

/// Counts the operations of one queue. The caller holds the queue's lock.
class occurrences {
 public:
  /// With the first `spared` operations the harness touches a fresh queue's memory.
  explicit occurrences(std::uint64_t spared) noexcept : spared_(spared) {}

  [[nodiscard]] occurrence count() noexcept {
    if (spared_ > 0) {
      --spared_;
      return {};
    }
    if (!fault_plan::armed.load(std::memory_order_relaxed)) return {};
    return occurrence(++counted_);
  }

 private:
  std::uint64_t spared_;
  std::uint64_t counted_ = 0;
};

}  // namespace handoff::harness_tests
