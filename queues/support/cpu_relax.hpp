// One turn of a spinning loop.
#pragma once

namespace handoff::support {

/// Tells the core that this is a spinning loop: it saves power, and leaves the loop without a pipeline flush.
inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace handoff::support
