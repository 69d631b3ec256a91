// Two facts of the machine that the measured loops need.
#pragma once

#include <cstddef>

namespace handoff::harness {

/// Distance between data of different writers: two lines, because lines are prefetched in pairs.
inline constexpr std::size_t separation = 128;

/// One turn of a spinning loop.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace handoff::harness
