// The syntax of the contract. A backend ends with static_asserts of the concepts it models; the harness and
// the conformance tests query these concepts, never a backend's name.
//
// Operations run on handles: `queue.producer()` and `queue.consumer()` give one each; one handle belongs to
// one thread (or task) at a time and may be created and destroyed at any moment of the queue's life. A queue
// that has nothing to keep per thread returns a reference to itself: bind with `auto&&`. What a handle
// counted survives the handle.
//
// Construction: a queue run by threads is built from `std::size_t capacity`; an unbounded one takes that as a
// hint of how much to reserve. A queue run by coroutines is built from `(runtime_type&, std::size_t
// capacity)`. One rule for all (capacity.hpp): a bound of 0 throws std::invalid_argument, and a capacity that
// the queue cannot count or address throws std::length_error; a capacity is never rounded, except upwards.
// If memory is short, std::bad_alloc.
//
// Items: of any alignment up to `traits.max_alignment`; a stricter one is refused at compile time: by
// `item_type` (traits.hpp), the alias that every backend uses for its items.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

/// The point in time that deadlines are given in.
using deadline_t = std::chrono::steady_clock::time_point;

/// The result of `producer()` and `consumer()`: an object, or a reference if the queue needs no handle.
template <class Q>
using producer_handle = decltype(std::declval<Q&>().producer());
template <class Q>
using consumer_handle = decltype(std::declval<Q&>().consumer());

/// A class with an item type, declared traits, and handles.
template <class Q>
concept queue = requires(Q& q) {
  typename Q::value_type;
  requires std::same_as<std::remove_cvref_t<decltype(Q::traits)>, backend_traits>;
  q.producer();
  q.consumer();
};

/// `try_push` and `try_pop` never wait: they answer success, full or empty, or closed. (Locks may still be
/// held for a bounded time: see `traits.guarantee`.)
template <class Q>
concept try_queue = queue<Q> && requires(producer_handle<Q>& producer, consumer_handle<Q>& consumer,
                                         typename Q::value_type&& in, typename Q::value_type& out) {
  { producer.try_push(std::move(in)) } -> std::same_as<op_status>;
  { consumer.try_pop(out) } -> std::same_as<op_status>;
};

/// `push` waits while the queue is full, `pop` while it is empty.
template <class Q>
concept blocking_queue = queue<Q> && requires(producer_handle<Q>& producer, consumer_handle<Q>& consumer,
                                              typename Q::value_type&& in, typename Q::value_type& out) {
  { producer.push(std::move(in)) } -> std::same_as<op_status>;
  { consumer.pop(out) } -> std::same_as<op_status>;
};

/// As `blocking_queue`, until a point in time: then `timed_out`.
template <class Q>
concept timed_queue = queue<Q> &&
    requires(producer_handle<Q>& producer, consumer_handle<Q>& consumer, typename Q::value_type&& in,
             typename Q::value_type& out, deadline_t deadline) {
  { producer.push_until(std::move(in), deadline) } -> std::same_as<op_status>;
  { consumer.pop_until(out, deadline) } -> std::same_as<op_status>;
};

/// As `blocking_queue`, until the token is stopped: then `cancelled`.
template <class Q>
concept cancellable_queue = queue<Q> &&
    requires(producer_handle<Q>& producer, consumer_handle<Q>& consumer, typename Q::value_type&& in,
             typename Q::value_type& out, const std::stop_token& token) {
  { producer.push(std::move(in), token) } -> std::same_as<op_status>;
  { consumer.pop(out, token) } -> std::same_as<op_status>;
};

/// After `close()`, which any thread may call any number of times, a push answers `closed`; a pop drains what
/// was accepted and then answers `closed`; every blocked caller wakes. While a push that began before is
/// still under way, whether it was accepted is not certain: `try_pop` may answer `empty`, and a pop
/// continues to wait within its limits.
template <class Q>
concept closable = requires(Q& q, const Q& view) {
  q.close();
  { view.is_closed() } -> std::same_as<bool>;
};

/// `consumer.task_done()` marks one popped item as processed; `join()` returns when every accepted item is.
/// One `task_done` more than this handle popped throws `std::logic_error`. Items that a handle popped and had
/// not marked when it was destroyed, any handle may mark.
template <class Q>
concept joinable = queue<Q> && requires(Q& q, consumer_handle<Q>& consumer) {
  consumer.task_done();
  q.join();
};

/// `task_done()` alone, for queues whose join is awaited.
template <class Q>
concept counts_done = queue<Q> && requires(consumer_handle<Q>& consumer) {
  consumer.task_done();
};

/// A queue whose consumers push, too, what they make of an item: `consumer.spawn(std::move(item))` answers
/// success or closed, never waits, and may put the item where this consumer looks first. An item pushed
/// before the `task_done` of the one that it was made of is waited for by the same `join`.
template <class Q>
concept self_feeding = queue<Q> && requires(consumer_handle<Q>& consumer, typename Q::value_type&& in) {
  { consumer.spawn(std::move(in)) } -> std::same_as<op_status>;
};

/// What a queue's consumers have met when they took items from each other, all consumers together.
struct steal_counts {
  std::uint64_t steals = 0;     ///< attempts that got an item, or several at once
  std::uint64_t empty = 0;      ///< others that had nothing, at a look or at an attempt
  std::uint64_t lost = 0;       ///< attempts that another consumer won
  std::uint64_t search_ns = 0;  ///< time in all this
};

/// A queue whose consumers steal, and count that. Any thread; exact while none of them runs.
template <class Q>
concept counts_steals = requires(const Q& seen) {
  { seen.steals() } -> std::same_as<steal_counts>;
};

/// A queue that knows its bound (at least the capacity it was built with).
template <class Q>
concept knows_capacity = requires(const Q& q) {
  { q.capacity() } -> std::same_as<std::size_t>;
};

/// A queue that knows how many items it holds; exact unless an operation is under way. In the middle of
/// others' operations: not 0 while there is an item whose push has ended and that no pop has claimed, and
/// less than the capacity while there is a place whose pop has ended and that no push has claimed, when the
/// call began and still when it ends.
template <class Q>
concept knows_size = requires(const Q& q) {
  { q.size() } -> std::same_as<std::size_t>;
};

/// The number at which a queue begins to count its positions, if that can be chosen: so that a test need
/// not push 2^32 items until a counter overflows. An optional last argument of the constructor.
struct first_position {
  std::uint64_t value = 0;
};
template <class Q>
concept starts_anywhere = std::constructible_from<Q, std::size_t, first_position>;

/// Handles that count the attempts that found the queue full or empty. Other threads may read the count,
/// too.
template <class Handle>
concept counts_failures = requires(const Handle& handle) {
  { handle.failed_attempts() } -> std::convertible_to<std::uint64_t>;
};

/// The runtime of a coroutine backend: one thread, one loop, unless it says `is_parallel`. `task` is a lazy
/// coroutine type with no result; `spawn` schedules it; `cancel` requests cancellation of a spawned one,
/// delivered while it waits; `run` returns when every spawned task has ended, and throws if nothing is ready
/// and tasks still wait; `co_await yield()` lets everything else that is ready run once. Not thread-safe.
///
/// With `static constexpr bool is_parallel = true`, it is built from a number of threads and a function that
/// each thread but the caller of `run` first calls with its number, from 1 on. Its tasks may be on several at
/// once, and may spawn and cancel there; built from nothing, it is one thread.
template <class R>
concept async_runtime = std::default_initializable<R> &&
    requires(R& runtime, typename R::task work, typename R::handle spawned) {
  { runtime.spawn(std::move(work)) } -> std::same_as<typename R::handle>;
  runtime.cancel(spawned);
  runtime.run();
  runtime.yield();
};

/// Awaitable operations that answer the same statuses: `co_await producer.async_push(std::move(item))`,
/// `co_await consumer.async_pop(item)`. A cancelled operation answers `cancelled`; nothing is thrown. Only
/// from the runtime's tasks, and all else from its threads.
template <class Q>
concept async_queue = queue<Q> && async_runtime<typename Q::runtime_type> &&
    std::constructible_from<Q, typename Q::runtime_type&, std::size_t> &&
    requires(producer_handle<Q>& producer, consumer_handle<Q>& consumer, typename Q::value_type&& in,
             typename Q::value_type& out) {
  producer.async_push(std::move(in));
  consumer.async_pop(out);
};

/// As `joinable`: `co_await queue.async_join()` answers success or cancelled.
template <class Q>
concept async_joinable = async_queue<Q> && counts_done<Q> && requires(Q& q) {
  q.async_join();
};

}  // namespace handoff
