// Memory of coroutine frames and task blocks, recycled: short-lived tasks are as cheap as a push and a pop
// on a free list.
//
// One set of free lists a thread, one list for each multiple of 64 bytes up to 1024; larger blocks go to
// operator new. A block may be freed on another thread than the one that allocated it: it then joins that
// thread's lists. What is free is kept until the thread ends.
//
// Under AddressSanitizer every block comes from operator new, so that a use after free is seen.
#pragma once

#include <array>
#include <cstddef>
#include <new>

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
    if (!recycles || list >= list_count || lists_.closed) {
      ::operator delete(memory);
      return;
    }
    lists_.first[list] = ::new (memory) free_block{lists_.first[list]};
  }

 private:
  static constexpr bool recycles = HANDOFF_ASYNC_RECYCLES_FRAMES != 0;
  static constexpr std::size_t granule = 64;
  static constexpr std::size_t list_count = 17;

  struct free_block {
    free_block* next;
  };

  // Trivially destructible, so that the fast path needs no check whether it was constructed; `janitor` frees
  // what is on the lists when the thread ends, and closes them for what is freed even later.
  struct free_lists {
    std::array<free_block*, list_count> first;
    bool closed;
  };

  struct janitor {
    janitor() noexcept = default;
    janitor(const janitor&) = delete;
    janitor& operator=(const janitor&) = delete;
    ~janitor() {
      lists_.closed = true;
      for (free_block*& first : lists_.first) {
        while (first != nullptr) {
          free_block* const block = first;
          first = block->next;
          ::operator delete(block);
        }
      }
    }
    void arm() noexcept {}
  };

  static std::size_t list_of(std::size_t bytes) noexcept { return (bytes + granule - 1) / granule; }

  static void* allocate_fresh(std::size_t list) {
    thread_local janitor at_thread_exit;
    at_thread_exit.arm();
    return ::operator new(list* granule);
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
