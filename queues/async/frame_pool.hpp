// Memory of coroutine frames and task blocks, recycled: short-lived tasks are as cheap as a push and a pop
// on a free list.
//
// One set of free lists a thread: one list for each multiple of 16 bytes up to 128, and for each multiple of
// a cache line up to 1024, whose blocks begin at one (how fast a frame is should not depend on what was
// allocated before it); larger blocks go to operator new. Fresh blocks are cut from chunks of 64 KiB and
// more, up to a huge page. A block may be freed on another thread than the one that allocated it: it then
// joins that thread's lists. What is free when a thread ends goes to those that need fresh blocks later;
// chunks are kept until the process ends.
//
// Under AddressSanitizer every block comes from operator new, so that a use after free is seen.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

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
  static void* allocate(std::size_t bytes) {
    const std::size_t list = list_of(bytes);
    if (!recycles || list >= list_count) return ::operator new(bytes);
    free_block* const block = lists_.first[list];
    if (block == nullptr) return allocate_fresh(list);
    lists_.first[list] = block->next;
    return block;
  }

  static void deallocate(void* memory, std::size_t bytes) noexcept {
    const std::size_t list = list_of(bytes);
    if (!recycles || list >= list_count) {
      ::operator delete(memory);
      return;
    }
    if (lists_.closed) [[unlikely]] {
      deallocate_late(memory, list);
      return;
    }
    lists_.first[list] = ::new (memory) free_block{lists_.first[list]};
  }

 private:
  static constexpr bool recycles = HANDOFF_ASYNC_RECYCLES_FRAMES != 0;
  static constexpr std::size_t granule = 16;
  static constexpr std::size_t line = 64;
  static constexpr std::size_t most_in_granules = 128;
  static constexpr std::size_t most = 1024;
  static constexpr std::size_t smallest_chunk = 64 * 1024;
  static constexpr std::size_t largest_chunk = 2 * 1024 * 1024;  // a huge page
  static constexpr std::size_t in_granules = most_in_granules / granule;
  static constexpr std::size_t list_count = in_granules + (most - most_in_granules) / line + 1;

  struct free_block {
    free_block* next;
  };

  // Trivially destructible, so that the fast path needs no check whether it was constructed; `janitor` gives
  // what is on the lists away when the thread ends, and closes them for what is freed even later.
  struct free_lists {
    std::array<free_block*, list_count> first;
    std::byte* fresh;  // the rest of the present chunk
    std::byte* fresh_end;
    std::size_t next_chunk;  // bytes; 0: the first one
    bool closed;
  };

  /// What belongs to no thread. Never destroyed: threads may end after the program's statics have.
  struct commons {
    std::mutex mutex;
    std::vector<std::byte*> chunks;
    std::array<free_block*, list_count> first{};  // left by threads that have ended
  };

  static commons& shared() {
    static commons& all = *new commons;
    return all;
  }

  struct janitor {
    janitor() noexcept = default;
    janitor(const janitor&) = delete;
    janitor& operator=(const janitor&) = delete;
    ~janitor() {
      lists_.closed = true;
      const std::lock_guard guard(shared().mutex);
      for (std::size_t list = 0; list < list_count; ++list)
        while (free_block* const block = lists_.first[list]) {
          lists_.first[list] = block->next;
          give_away(*block, list);
        }
    }
    void arm() noexcept {}
  };

  static void give_away(free_block& block, std::size_t list) noexcept {
    block.next = std::exchange(shared().first[list], &block);
  }

  /// The thread's lists are gone. (Not inline: what deallocates is the end of every coroutine.)
  [[gnu::noinline, gnu::cold]] static void deallocate_late(void* memory, std::size_t list) noexcept {
    const std::lock_guard guard(shared().mutex);
    give_away(*::new (memory) free_block, list);
  }

  static constexpr std::size_t list_of(std::size_t bytes) noexcept {
    if (bytes <= most_in_granules) return (bytes + granule - 1) / granule;
    return in_granules + (bytes - most_in_granules + line - 1) / line;
  }
  static constexpr std::size_t bytes_of(std::size_t list) noexcept {
    return list <= in_granules ? list * granule : most_in_granules + (list - in_granules) * line;
  }

  /// The thread's list is empty.
  [[gnu::noinline]] static void* allocate_fresh(std::size_t list) {
    thread_local janitor at_thread_exit;
    at_thread_exit.arm();
    const std::size_t bytes = bytes_of(list);
    if (bytes > most_in_granules) begin_a_line();
    if (static_cast<std::size_t>(lists_.fresh_end - lists_.fresh) < bytes) {
      commons& all = shared();
      const std::lock_guard guard(all.mutex);
      if (free_block* const left = std::exchange(all.first[list], nullptr)) {
        lists_.first[list] = left->next;
        return left;
      }
      begin_a_line();
      if (lists_.fresh != lists_.fresh_end)  // what is left of the old chunk is one smaller block
        deallocate(lists_.fresh, static_cast<std::size_t>(lists_.fresh_end - lists_.fresh));
      const std::size_t chunk = lists_.next_chunk == 0 ? smallest_chunk : lists_.next_chunk;
      all.chunks.reserve(all.chunks.size() + 1);
      lists_.fresh = new_chunk(chunk);
      lists_.fresh_end = lists_.fresh + chunk;
      lists_.next_chunk = std::min(chunk * 2, largest_chunk);
      all.chunks.push_back(lists_.fresh);
    }
    return std::exchange(lists_.fresh, lists_.fresh + bytes);
  }

  /// What is fresh begins at a cache line; what lies before that is one small block. A chunk ends at one,
  /// too.
  static void begin_a_line() noexcept {
    const std::size_t rest = -reinterpret_cast<std::uintptr_t>(lists_.fresh) % line;
    if (rest != 0) deallocate(std::exchange(lists_.fresh, lists_.fresh + rest), rest);
  }

  static std::byte* new_chunk(std::size_t bytes) {
    if (bytes < largest_chunk) return static_cast<std::byte*>(::operator new(bytes, std::align_val_t(line)));
    auto* const chunk = static_cast<std::byte*>(::operator new(bytes, std::align_val_t(bytes)));
    ::madvise(chunk, bytes, MADV_HUGEPAGE);  // a hint: one page fault instead of 512
    return chunk;
  }

  static inline constinit thread_local free_lists lists_{};
};

/// Base of what is allocated from the pool.
struct pooled {
  static void* operator new(std::size_t bytes) { return frame_pool::allocate(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    frame_pool::deallocate(memory, bytes);
  }
};

}  // namespace handoff::async
