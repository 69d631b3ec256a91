#include "tests/async/allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests::allocations {

namespace {

// relaxed, all of it: numbers, read by who made or freed what they count
constinit std::atomic<std::size_t> made{0};
constinit std::atomic<std::size_t> live{0};

[[maybe_unused]] constinit std::atomic<std::size_t> asked{0};

constinit thread_local std::function<void()>* meddling = nullptr;

void meddle() {
  if (std::function<void()>* const what = std::exchange(meddling, nullptr)) {
    (*what)();
    delete what;
  }
}

void add(std::size_t bytes) noexcept {
  made.fetch_add(1, std::memory_order_relaxed);
  live.fetch_add(bytes, std::memory_order_relaxed);
}

void take_away(std::size_t bytes) noexcept { live.fetch_sub(bytes, std::memory_order_relaxed); }

}  // namespace

std::size_t count() noexcept { return made.load(std::memory_order_relaxed); }
std::size_t live_bytes() noexcept { return live.load(std::memory_order_relaxed); }
#if !defined(HANDOFF_TEST_TSAN)
std::size_t last_alignment() noexcept { return asked.load(std::memory_order_relaxed); }
#endif
void at_the_next(std::function<void()> what) { meddling = new std::function<void()>(std::move(what)); }

}  // namespace handoff::async_tests::allocations

#if defined(HANDOFF_TEST_TSAN)

// The thread sanitizer defines operator new itself and cannot be linked beside another; it calls hooks.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*made)(const volatile void*, std::size_t),
                                                         void (*freed)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void* memory);

namespace handoff::async_tests::allocations {
namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t bytes) {
      meddle();
      add(bytes);
    },
    [](const volatile void* memory) {
      if (memory != nullptr) take_away(__sanitizer_get_allocated_size(memory));
    });

}  // namespace
}  // namespace handoff::async_tests::allocations

#else

namespace handoff::async_tests::allocations {
namespace {

void* allocate(std::size_t bytes, std::size_t alignment) {
  meddle();
  asked.store(alignment, std::memory_order_relaxed);
  void* memory = nullptr;
  if (alignment <= alignof(std::max_align_t))
    memory = std::malloc(bytes > 0 ? bytes : 1);
  else if (::posix_memalign(&memory, alignment, bytes) != 0)
    memory = nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  add(::malloc_usable_size(memory));
  return memory;
}

void deallocate(void* memory) noexcept {
  if (memory == nullptr) return;
  take_away(::malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace
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

#endif
