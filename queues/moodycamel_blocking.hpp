// moodycamel::BlockingConcurrentQueue with its own waiting: a lightweight semaphore counts the items.
//
// When to use   as moodycamel.hpp, if consumers should sleep and are stopped by other means (one marker
//               each)
// When not      close, cancellation, a deadline on push or join is needed: it has none of them, and does not
//               imitate them by polling; the layered `moodycamel` has them all
// Ordering      FIFO per producer
// Progress      push is lock-free, except for allocating a block; pop blocks
// Memory        unbounded, in blocks of 32 items that are reused and freed at destruction
// close, join   none
// Reference     as moodycamel.hpp
#pragma once

#include <blockingconcurrentqueue.h>

#include <cstddef>
#include <new>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff {

template <class T>
class moodycamel_blocking {
  using queue_type = ::moodycamel::BlockingConcurrentQueue<T>;

 public:
  using value_type = item_type<T>;

  static constexpr backend_traits traits{
      .name = "moodycamel_blocking",
      .summary = "moodycamel::BlockingConcurrentQueue, a token in each handle, its own semaphore",
      .reference = "Desrochers, A fast general purpose lock-free queue for C++ (2014)",
      .bounded = false,
      .order = ordering::per_producer_fifo,
      .exact_empty = false,
      .guarantee = progress::blocking,
      .on_throwing_move = throwing_move::forbidden,
      .waits = {wait_kind::native},
  };
  static_assert(
      std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
      "the semaphore has counted the item before it is moved: a throwing move would lose the count");

  /// One thread at a time.
  class producer_type {
   public:
    /// Never waits and never answers `full`. Throws std::bad_alloc when a block cannot be allocated; the item
    /// is unmoved then.
    [[gnu::always_inline]] op_status push(T&& item) {
      if (!queue_->enqueue(token_, std::move(item))) [[unlikely]]
        throw std::bad_alloc();
      return op_status::success;
    }
    [[gnu::always_inline]] op_status try_push(T&& item) { return push(std::move(item)); }

   private:
    friend class moodycamel_blocking;
    explicit producer_type(queue_type& queue) : queue_(&queue), token_(queue) {}
    queue_type* queue_;
    ::moodycamel::ProducerToken token_;
  };

  /// One thread at a time.
  class consumer_type {
   public:
    [[gnu::always_inline]] op_status pop(T& item) {
      queue_->wait_dequeue(token_, item);
      return op_status::success;
    }
    [[gnu::always_inline]] op_status try_pop(T& item) {
      return queue_->try_dequeue(token_, item) ? op_status::success : op_status::empty;
    }

   private:
    friend class moodycamel_blocking;
    explicit consumer_type(queue_type& queue) : queue_(&queue), token_(queue) {}
    queue_type* queue_;
    ::moodycamel::ConsumerToken token_;
  };

  /// `reserve`: items that fit without an allocation, a hint. Throws std::length_error if their bytes
  /// cannot be counted: the library multiplies without a check, and the result may be 0 bytes.
  explicit moodycamel_blocking(std::size_t reserve)
      : queue_(checked_reserve(traits.name, reserve, most_items(bytes_per_item))) {}

  producer_type producer() { return producer_type(queue_); }
  consumer_type consumer() { return consumer_type(queue_); }

  /// Items that no consumer has claimed; exact unless an operation is under way. Any thread.
  [[nodiscard]] std::size_t size() const { return queue_.size_approx(); }

 private:
  /// At most: an item's share of its block, and of what the block needs for itself.
  static constexpr std::size_t bytes_per_item = sizeof(T) + alignof(T) + 64;

  queue_type queue_;
};

static_assert(blocking_queue<moodycamel_blocking<int>> && try_queue<moodycamel_blocking<int>>);

}  // namespace handoff
