#include "tests/async/allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace handoff::async_tests::allocations {

namespace {

// relaxed, all of it: numbers, read by who made or freed what they count
constinit std::atomic<std::size_t> made{0};
constinit std::atomic<std::size_t> live{0};

constinit thread_local std::function<void()>* meddling = nullptr;

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (std::function<void()>* const what = std::exchange(meddling, nullptr)) {
    (*what)();
    delete what;
  }
  void* memory = nullptr;
  if (alignment <= alignof(std::max_align_t))
    memory = std::malloc(bytes > 0 ? bytes : 1);
  else if (::posix_memalign(&memory, alignment, bytes) != 0)
    memory = nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  made.fetch_add(1, std::memory_order_relaxed);
  live.fetch_add(::malloc_usable_size(memory), std::memory_order_relaxed);
  return memory;
}

void deallocate(void* memory) noexcept {
  if (memory == nullptr) return;
  live.fetch_sub(::malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::size_t count() noexcept { return made.load(std::memory_order_relaxed); }
std::size_t live_bytes() noexcept { return live.load(std::memory_order_relaxed); }
void at_the_next(std::function<void()> what) { meddling = new std::function<void()>(std::move(what)); }

}  // namespace handoff::async_tests::allocations

namespace counted = handoff::async_tests::allocations;

void* operator new(std::size_t bytes) { return counted::allocate(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { counted::deallocate(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted::deallocate(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { counted::deallocate(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { counted::deallocate(memory); }
