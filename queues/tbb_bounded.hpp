// oneTBB's concurrent_bounded_queue, waiting natively, or layered over its try_ operations.
//
// When to use   TBB is at hand, and a plain bounded queue with blocking push and pop is enough
// When not      the native form must be closed or cancelled: `abort()` is the library's only way to wake
//               sleepers, it wakes all of them, and a caller that re-enters afterwards meets corrupted
//               tickets (docs/tbb-abort.md shows it); the layered contenders have everything
// Ordering      FIFO
// Progress      blocking; a ticket holder that is off its core stalls those behind it
// Memory        pages of 8 to 32 items, allocated as the queue fills
// close, join   none natively; the layering adds them
// Reference     oneTBB, concurrent_bounded_queue
#pragma once

#include <oneapi/tbb/cache_aligned_allocator.h>
#include <oneapi/tbb/concurrent_queue.h>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff {

/// Every operation may be called from any thread; the queue keeps nothing per handle.
template <class T>
class tbb_bounded {
 public:
  using value_type = item_type<T>;

  static constexpr backend_traits traits{
      .name = "tbb_bounded",
      .summary = "oneTBB concurrent_bounded_queue",
      .reference = "oneTBB, concurrent_bounded_queue",
      .bounded = true,
      .order = ordering::fifo,
      .exact_empty = true,
      .guarantee = progress::blocking,
      .on_throwing_move = throwing_move::forbidden,
      .waits = {wait_kind::native, wait_kind::spin, wait_kind::yield, wait_kind::park},
  };
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a throwing move inside the library leaves a hole that its bound still counts");

  /// Throws as the contract says of capacities; the library counts to half of a ptrdiff_t.
  explicit tbb_bounded(std::size_t capacity) {
    queue_.set_capacity(static_cast<std::ptrdiff_t>(checked_capacity(traits.name, capacity, most_items(2))));
  }

  tbb_bounded& producer() noexcept { return *this; }
  tbb_bounded& consumer() noexcept { return *this; }

  op_status try_push(T&& item) {
    return queue_.try_push(std::move(item)) ? op_status::success : op_status::full;
  }
  op_status try_pop(T& item) { return queue_.try_pop(item) ? op_status::success : op_status::empty; }

  op_status push(T&& item) {
    queue_.push(std::move(item));
    return op_status::success;
  }
  op_status pop(T& item) {
    queue_.pop(item);
    return op_status::success;
  }

  [[nodiscard]] std::size_t capacity() const { return static_cast<std::size_t>(queue_.capacity()); }

  /// Items inside; 0 if more consumers wait than producers.
  [[nodiscard]] std::size_t size() const {
    const auto difference = queue_.size();  // negative while consumers wait
    return difference > 0 ? static_cast<std::size_t>(difference) : 0;
  }

 private:
  /// The library's allocator aligns to 128 bytes, whatever the type says.
  static constexpr std::size_t aligned_by_the_library = 128;
  using allocator = std::conditional_t<(alignof(T) <= aligned_by_the_library),
                                       oneapi::tbb::cache_aligned_allocator<T>, std::allocator<T>>;

  oneapi::tbb::concurrent_bounded_queue<T, allocator> queue_;
};

static_assert(try_queue<tbb_bounded<int>> && blocking_queue<tbb_bounded<int>>);
static_assert(!closable<tbb_bounded<int>> && !cancellable_queue<tbb_bounded<int>>);

}  // namespace handoff
