// How an item lies in a deque, whose slots are words that owner and thieves read at the same time: a small
// trivial item as itself, any other in a box of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace handoff::stealing {

/// Items that fit a lock-free atomic.
template <class T>
struct items_as_slots {
  using slot = T;

  /// Where a worker's boxes come from: there are none.
  struct store {};

  static slot fill(store&, T&& item) noexcept { return item; }
  static void empty_into(store&, slot filled, T& item) noexcept { item = filled; }
  static void drop(slot) noexcept {}
};

/// Items in boxes. A box is filled by one thread and emptied by any, once; the memory of an emptied one stays
/// with the thread that emptied it, for what it fills next.
template <class T>
class boxed_items {
 public:
  using slot = T*;

  /// Emptied boxes, up to 256; owned by one thread at a time.
  class store {
   public:
    store() = default;
    store(const store&) = delete;
    store& operator=(const store&) = delete;
    ~store() {
      while (newest_ != nullptr) free(take());
    }

   private:
    friend class boxed_items;
    static constexpr unsigned most = 256;

    void* take() noexcept {
      --count_;
      return std::exchange(newest_, newest_->next);
    }
    void give(void* box) noexcept {
      if (count_ == most) return free(box);
      ++count_;
      newest_ = ::new (box) link{newest_};
    }

    struct link {
      link* next;
    };
    link* newest_ = nullptr;
    unsigned count_ = 0;
  };

  /// Throws std::bad_alloc; the item is unmoved then.
  static slot fill(store& boxes, T&& item) {
    void* const box = boxes.newest_ != nullptr ? boxes.take() : ::operator new(bytes, alignment);
    return std::construct_at(static_cast<T*>(box), std::move(item));
  }
  static void empty_into(store& boxes, slot filled, T& item) noexcept {
    item = std::move(*filled);
    std::destroy_at(filled);
    boxes.give(filled);
  }
  static void drop(slot filled) noexcept {
    std::destroy_at(filled);
    free(filled);
  }

 private:
  static constexpr std::size_t bytes = std::max(sizeof(T), sizeof(void*));
  static constexpr std::align_val_t alignment{std::max(alignof(T), alignof(void*))};

  static void free(void* box) noexcept { ::operator delete(box, alignment); }
};

template <class T>
constexpr bool fits_a_slot() {
  if constexpr (std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> &&
                sizeof(T) <= sizeof(void*) && (sizeof(T) & (sizeof(T) - 1)) == 0)
    return std::atomic<T>::is_always_lock_free;
  else
    return false;
}

template <class T>
using slots_for = std::conditional_t<fits_a_slot<T>(), items_as_slots<T>, boxed_items<T>>;

}  // namespace handoff::stealing
