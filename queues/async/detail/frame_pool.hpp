// Memory of coroutine frames and task blocks, recycled: short-lived tasks are as cheap as a push and a pop
// on a free list.
//
// One list per thread for each multiple of 16 bytes up to 128, and for each multiple of a cache line up to
// 1024, whose blocks begin at one (how fast a frame is should not depend on what was allocated before it);
// larger blocks come from operator new. A block may be freed on another thread than the one that allocated
// it: it then joins that thread's list. A list has a bound; blocks beyond it, and those that are free when a
// thread ends, are passed to threads that need them, and back to the system after a burst
// (frame_depot.hpp).
//
// Alignment: every block lies at a multiple of the largest power of two that divides its size, up to 4096,
// because g++ allocates a frame without passing its alignment; but the size of an object is a multiple of
// it. clang, whose frames may have any size, passes the alignment with -fcoro-aligned-allocation, and none
// of these coroutines is compiled without it. Not even g++ knows of a variable's own `alignas`: it lays the
// variable out by its type.
//
// Under AddressSanitizer every block comes from operator new, so that a use after free is seen.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "queues/async/detail/frame_depot.hpp"
#include "queues/contract/traits.hpp"

#if defined(__clang__) && __clang_major__ < 16
#error "coroutines need clang 16: older ones misplace objects in their frames"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define HANDOFF_ASYNC_RECYCLES_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HANDOFF_ASYNC_RECYCLES_FRAMES 0
#endif
#endif
#ifndef HANDOFF_ASYNC_RECYCLES_FRAMES
#define HANDOFF_ASYNC_RECYCLES_FRAMES 1
#endif

namespace handoff::async {

class frame_pool {
 public:
  static constexpr bool recycles = HANDOFF_ASYNC_RECYCLES_FRAMES != 0;

  static void* allocate(std::size_t bytes) {
    const std::size_t size = sizes::index_of(bytes);
    if (!recycles || size >= sizes::count) return allocate_large(bytes);
    free_block* const block = mine_.first[size];
    if (block == nullptr) return refill(size);
    mine_.first[size] = block->next;
    ++mine_.room[size];
    return block;
  }

  static void deallocate(void* memory, std::size_t bytes) noexcept {
    const std::size_t size = sizes::index_of(bytes);
    if (!recycles || size >= sizes::count) {
      deallocate_large(memory, bytes);
      return;
    }
    if (mine_.room[size] == 0) [[unlikely]] {
      deallocate_beyond(memory, size);
      return;
    }
    push(memory, size);
  }

  /// To be called when the thread is idle: returns free memory to the system, if it is much.
  static void give_back() noexcept {
    if (!recycles || !mine_.open || !frame_depot::instance().look_is_due()) return;
    for (std::size_t size = 0; size < sizes::count; ++size) {
      give_away(size);
      mine_.room[size] = sizes::blocks_of(size);
    }
    frame_depot::instance().give_chunks_back();
  }

 private:
  using sizes = frame_sizes;

  // A list is the magazine that is filled and emptied, and perhaps a second, full one: a thread that
  // crosses the bound of one again and again need not use the depot each time.
  struct reserve {
    free_block* full;
    std::byte* fresh;  // the rest of a run
    std::byte* fresh_end;
  };

  // Trivially destructible, so that the fast path needs no check whether it was constructed; `janitor` gives
  // what is here away when the thread ends. There is no room before the thread has one, nor afterwards.
  struct lists {
    std::array<free_block*, sizes::count> first;
    std::array<std::uint32_t, sizes::count> room;  // how many more blocks its magazine takes
    std::array<reserve, sizes::count> behind;
    bool open;
    bool closed;
  };

  struct janitor {
    janitor() noexcept {
      for (std::size_t size = 0; size < sizes::count; ++size) mine_.room[size] = sizes::blocks_of(size);
      mine_.open = true;
    }
    janitor(const janitor&) = delete;
    janitor& operator=(const janitor&) = delete;
    ~janitor() {
      mine_.open = false;
      mine_.closed = true;
      for (std::size_t size = 0; size < sizes::count; ++size) give_away(size);
    }
  };

  /// Ensures that the janitor runs at the thread's end, unless it has run.
  static void open() noexcept {
    if (!mine_.closed) thread_local const janitor at_thread_exit;
  }

  static void push(void* memory, std::size_t size) noexcept {
    --mine_.room[size];
    auto* const block = ::new (memory) free_block;
    block->next = mine_.first[size];
    mine_.first[size] = block;
  }

  /// The magazine is empty. (Not inline, as what follows: a coroutine's begin and end are small.)
  [[gnu::noinline]] static void* refill(std::size_t size) {
    open();
    reserve& behind = mine_.behind[size];
    if (behind.full != nullptr) return begin_magazine(size, std::exchange(behind.full, nullptr));
    if (behind.fresh == behind.fresh_end) {
      const frame_supply supply = frame_depot::instance().take(size);
      if (supply.magazine != nullptr) return begin_magazine(size, supply.magazine);
      behind.fresh = supply.run;
      behind.fresh_end = supply.run + sizes::run_bytes(size);
    }
    std::byte* const block = std::exchange(behind.fresh, behind.fresh + sizes::bytes_of(size));
    if (!mine_.open) give_away(size);
    return block;
  }

  /// Answers its first block. It counts as full, whatever it holds.
  static void* begin_magazine(std::size_t size, free_block* magazine) noexcept {
    mine_.first[size] = magazine->next;
    mine_.room[size] = 1;
    if (!mine_.open) give_away(size);
    return magazine;
  }

  /// There is no room.
  [[gnu::noinline, gnu::cold]] static void deallocate_beyond(void* memory, std::size_t size) noexcept {
    open();
    if (!mine_.open) {
      frame_depot::instance().give(size, *::new (memory) free_block{nullptr, nullptr});
      return;
    }
    if (mine_.room[size] == 0) {
      free_block* const before = std::exchange(mine_.behind[size].full, mine_.first[size]);
      if (before != nullptr) frame_depot::instance().give(size, *before);
      mine_.first[size] = nullptr;
      mine_.room[size] = sizes::blocks_of(size);
    }
    push(memory, size);
  }

  static void give_away(std::size_t size) noexcept {
    mine_.room[size] = 0;
    const auto [full, fresh, fresh_end] = std::exchange(mine_.behind[size], {});
    free_block* rest = nullptr;
    for (std::byte* at = fresh; at != fresh_end; at += sizes::bytes_of(size))
      rest = ::new (at) free_block{rest, nullptr};
    for (free_block* const magazine : {std::exchange(mine_.first[size], nullptr), full, rest})
      if (magazine != nullptr) frame_depot::instance().give(size, *magazine);
  }

  static constexpr std::align_val_t natural_alignment(std::size_t bytes) noexcept {
    return std::align_val_t(std::min(bytes & (~bytes + 1), any_alignment));
  }
  static constexpr bool over_aligned(std::align_val_t alignment) noexcept {
    return static_cast<std::size_t>(alignment) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  }
  static void* allocate_large(std::size_t bytes) {
    const std::align_val_t alignment = natural_alignment(bytes);
    return over_aligned(alignment) ? ::operator new(bytes, alignment) : ::operator new(bytes);
  }
  static void deallocate_large(void* memory, std::size_t bytes) noexcept {
    const std::align_val_t alignment = natural_alignment(bytes);
    if (over_aligned(alignment))
      ::operator delete(memory, alignment);
    else
      ::operator delete(memory);
  }

  static inline constinit thread_local lists mine_{};
};

/// Base of everything that is allocated from the pool.
struct pooled {
  static void* operator new(std::size_t bytes) { return frame_pool::allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    frame_pool::deallocate(memory, bytes);
  }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    if (beyond_the_pool(alignment)) return ::operator new(bytes, alignment);
    return frame_pool::allocate(round_up(bytes, alignment));
  }
  static void operator delete(void* memory, std::size_t bytes, std::align_val_t alignment) noexcept {
    if (beyond_the_pool(alignment))
      ::operator delete(memory, alignment);
    else
      frame_pool::deallocate(memory, round_up(bytes, alignment));
  }

 private:
  static constexpr bool beyond_the_pool(std::align_val_t alignment) noexcept {
    return static_cast<std::size_t>(alignment) > any_alignment;
  }
  static constexpr std::size_t round_up(std::size_t bytes, std::align_val_t alignment) noexcept {
    const auto one = static_cast<std::size_t>(alignment);
    return (bytes + one - 1) / one * one;
  }
};

/// Base of the promise of a coroutine whose frame is allocated from the pool.
struct pooled_frame : pooled {
#if defined(__clang__)
  /// Called by clang for a frame whose alignment it does not pass.
  template <class... Nothing>
    requires(sizeof...(Nothing) == 0)
  static void* operator new(std::size_t bytes, Nothing...) {
    static_assert(sizeof...(Nothing) != 0,
                  "clang misplaces objects in a coroutine's frame without "
                  "-fcoro-aligned-allocation, as handoff::queues does");
    return pooled::operator new(bytes);
  }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return pooled::operator new(bytes, alignment);
  }
#endif
};

}  // namespace handoff::async
