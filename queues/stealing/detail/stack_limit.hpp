// How far down the calling thread's stack may grow.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace handoff::stealing::detail {

/// Addresses, from the end of the stack upwards.
struct stack_limit {
  std::uintptr_t fork = 0;  ///< below it, no fork: the margin is for what the user calls between two forks
  std::uintptr_t help = 0;  ///< below it, a waiting join takes no foreign branch onto its stack
};

/// Of the calling thread; 0, which limits nothing, if the system does not say.
inline stack_limit measure_stack() noexcept {
  constexpr std::size_t margin = 128 * 1024;
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return {};
  void* end = nullptr;
  std::size_t size = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &end, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!known) return {};
  const auto bottom = reinterpret_cast<std::uintptr_t>(end);
  return {.fork = bottom + std::min(margin, size / 4), .help = bottom + size / 2};
}

/// As above, measured once per thread: some microseconds, more on the main thread.
inline const stack_limit& this_stack() noexcept {
  thread_local const stack_limit limit = measure_stack();
  return limit;
}

[[gnu::always_inline]] inline std::uintptr_t stack_position() noexcept {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace handoff::stealing::detail
