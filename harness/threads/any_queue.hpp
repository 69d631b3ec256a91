// A queue for threads behind virtual functions, its items as keys. What no sample measures per item (the
// first items of a fresh queue, proof runs, the rounds of join and shutdown, end markers) is compiled once,
// over this; for each queue only the loops of streams and of ping_pong are.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "harness/cell.hpp"
#include "harness/item.hpp"
#include "harness/threads/team.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness::threads {

/// What a pop answered; the rest only counts if that is success.
struct popped {
  op_status status;
  bool intact = false;
  item_key key = marker_key;
};

/// A producer's handle. Used by one thread at a time.
class any_producer {
 public:
  any_producer() = default;
  any_producer(const any_producer&) = delete;
  any_producer& operator=(const any_producer&) = delete;
  virtual ~any_producer() = default;

  /// Makes the item of this key, which may allocate, and keeps it.
  virtual void prepare(item_key key) = 0;
  /// Pushes, of the items that are kept, the one that was made first.
  virtual op_status push_prepared() = 0;
  /// Pushes all that are kept into an open queue. Returns when it began, by now_ns().
  virtual std::int64_t push_all_prepared() = 0;

  op_status push(item_key key) {
    prepare(key);
    return push_prepared();
  }
};

/// A consumer's handle. Used by one thread at a time.
class any_consumer {
 public:
  any_consumer() = default;
  any_consumer(const any_consumer&) = delete;
  any_consumer& operator=(const any_consumer&) = delete;
  virtual ~any_consumer() = default;

  virtual popped pop() = 0;
  /// Only of a queue that cancels.
  virtual popped pop(const std::stop_token& token) = 0;
  /// Only of a queue that tries.
  virtual popped try_pop() = 0;
  /// Does nothing if the queue does not count.
  virtual void task_done() = 0;
};

/// What a queue promises and can do; see queues/contract/concepts.hpp.
struct queue_facts {
  ordering order;
  bool tries, cancels, closes, joins;
};

class any_queue {
 public:
  explicit any_queue(const queue_facts& known) noexcept : facts(known) {}
  any_queue(const any_queue&) = delete;
  any_queue& operator=(const any_queue&) = delete;
  virtual ~any_queue() = default;

  virtual std::unique_ptr<any_producer> producer() = 0;
  virtual std::unique_ptr<any_consumer> consumer() = 0;
  /// Only of a queue that closes. Returns when it began, by now_ns(): a window that opens there does not hold
  /// the way into a virtual function, which costs the first caller several cache misses.
  virtual std::int64_t close() = 0;
  /// Only of a queue that joins. Likewise.
  virtual std::int64_t join() = 0;

  const queue_facts facts;
};

/// Makes a fresh queue of the cell, touches its memory and proves its order.
using queue_maker = std::unique_ptr<any_queue> (*)(const cell& c);

/// Passes the first items through a fresh queue: see harness/first_items.hpp.
void touch(any_queue& queue, const cell& c);

/// One end marker per consumer.
void push_markers(any_queue& queue, unsigned consumers);

/// What to say of a queue whose workers all sleep although items are missing: if an item is still inside,
/// they sleep through it; otherwise it is lost.
[[noreturn]] void give_up_stalled(any_queue& queue, std::uint64_t received, std::uint64_t expected);

/// Sleeps until `received()`, the sum of the consumers' published counts, reaches `expected`. Gives the cell
/// up if it stands still for `stall_limit` (harness/stall_watch.hpp).
void await_consumed(any_queue& queue, const team& workers, const std::function<std::uint64_t()>& received,
                    std::uint64_t expected, std::chrono::nanoseconds stall_limit);

}  // namespace handoff::harness::threads
