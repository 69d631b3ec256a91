// Two facts of the machine that queues and measured loops need.
#pragma once

#include <cstddef>

namespace handoff::support {

/// How far apart the data of two writers must lie: 128 bytes, two lines, because the adjacent-line prefetcher
/// of x86 moves lines in pairs.
inline constexpr std::size_t separation = 128;

/// One turn of a spinning loop. A hint to the core: it saves power, and leaves the loop without a pipeline
/// flush.
inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace handoff::support
