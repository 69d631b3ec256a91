// Tasks on one thread, on the asyncio-shaped runtime of queues/async: `async::queue` (asyncio.Queue in
// C++20 coroutines) with the operations of the contract.
//
// When to use   producers and consumers that mostly wait, or that share data without locks: switching tasks
//               costs nanoseconds, a blocked task a few hundred bytes
// When not      the work should use more than one core
// Ordering      FIFO
// Progress      single-threaded; everything belongs to the runtime's thread
// Memory        one ring of items, allocated at once up to 4096 slots; beyond that, a push that finds them
//               taken doubles the ring until it has reached the capacity. A ring that has not reached it
//               shrinks again as the queue drains. (Items whose move can throw lie in a deque.) A waiter
//               lives in its coroutine's frame: nothing else allocates
// close, join   queues/async/backend.hpp, which describes cancellation as well
// Reference     CPython's asyncio.Queue; WG21 paper P0260 for the names
#pragma once

#include <cstddef>

#include "queues/async/backend.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/runtime.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class coroutine : public async::backend_of<async::queue<T>> {
 public:
  static constexpr backend_traits traits = traits_on_a_loop(
      "coroutine", "asyncio.Queue in C++20 coroutines on one thread; awaits instead of blocking",
      "CPython's asyncio.Queue", ordering::fifo, throwing_move::strong);

  /// Throws as the contract says of capacities.
  coroutine(async::runtime& runtime, std::size_t capacity)
      : async::backend_of<async::queue<T>>(runtime, traits.name, capacity) {}
};

static_assert(async_queue<coroutine<int>> && async_joinable<coroutine<int>>);
static_assert(try_queue<coroutine<int>>);
static_assert(closable<coroutine<int>>);
static_assert(knows_capacity<coroutine<int>>);
static_assert(knows_size<coroutine<int>>);

}  // namespace handoff
