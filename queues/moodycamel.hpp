// moodycamel::ConcurrentQueue with a producer or consumer token in every handle.
//
// When to use   many producers, throughput first, items independent of each other
// When not      order between producers matters; memory must be bounded; a pushed item must be seen by the
//               next try_pop (`try_dequeue` may fail while another consumer is in the middle of one)
// Ordering      FIFO per producer
// Progress      lock-free, except for allocating a block
// Memory        unbounded, in blocks of 32 items that are reused and freed at destruction
// close, join   none of its own; the layering adds them
// Reference     Desrochers, "A fast general purpose lock-free queue for C++" (2014), and the library's
//               notes
#pragma once

#include <concurrentqueue.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff {

template <class T>
class moodycamel {
  using queue_type = ::moodycamel::ConcurrentQueue<T>;

 public:
  using value_type = item_type<T>;

  static constexpr backend_traits traits{
      .name = "moodycamel",
      .summary = "moodycamel::ConcurrentQueue, a token in each handle",
      .reference = "Desrochers, A fast general purpose lock-free queue for C++ (2014)",
      .bounded = false,
      .order = ordering::per_producer_fifo,
      .exact_empty = false,
      .guarantee = progress::lock_free,
      .on_throwing_move = throwing_move::forbidden,
      .waits = layered_waits,
  };

  static_assert(
      std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
      "a throwing move of a block's first item makes the library (1.0.3) destroy items that never were");

  /// One thread at a time.
  class producer_type {
   public:
    /// Never `full`. Throws std::bad_alloc when a block cannot be allocated; the item is unmoved then.
    [[gnu::always_inline]] op_status try_push(T&& item) {
      if (!queue_->enqueue(token_, std::move(item))) [[unlikely]]
        throw std::bad_alloc();
      return op_status::success;
    }

   private:
    friend class moodycamel;
    explicit producer_type(queue_type& queue) : queue_(&queue), token_(queue) {}
    queue_type* queue_;
    ::moodycamel::ProducerToken token_;
  };

  /// One thread at a time.
  class consumer_type {
   public:
    [[gnu::always_inline]] op_status try_pop(T& item) {
      return queue_->try_dequeue(token_, item) ? op_status::success : op_status::empty;
    }

   private:
    friend class moodycamel;
    explicit consumer_type(queue_type& queue) : queue_(&queue), token_(queue) {}
    queue_type* queue_;
    ::moodycamel::ConsumerToken token_;
  };

  /// `reserve`: items that fit without an allocation, a hint. Throws std::length_error if their bytes
  /// cannot be counted: the library multiplies without a check, and the result may be 0 bytes.
  explicit moodycamel(std::size_t reserve)
      : queue_(checked_reserve(traits.name, reserve, most_items(bytes_per_item))) {}

  producer_type producer() { return producer_type(queue_); }
  consumer_type consumer() { return consumer_type(queue_); }

  /// Items that no consumer has claimed; exact unless a push is under way. Any thread.
  [[nodiscard]] std::size_t size() const { return queue_.size_approx(); }

 private:
  /// At most: an item's share of its block, and of what the block needs for itself.
  static constexpr std::size_t bytes_per_item = sizeof(T) + alignof(T) + 64;

  queue_type queue_;
};

static_assert(try_queue<moodycamel<int>> && knows_size<moodycamel<int>>);

}  // namespace handoff
