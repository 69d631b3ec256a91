// A pair of fences for "store mine, then look at theirs" if one side is hot and the other rare.
//
// Two threads that each store and then load the other's word need a seq_cst fence on both sides (Dekker).
// Here the hot side pays a compiler barrier only, and the rare side makes every running thread of the
// process execute a full barrier: membarrier(2), PRIVATE_EXPEDITED. If the call is missing, and under
// ThreadSanitizer, which cannot see it, both sides are seq_cst fences. The idea is in liburcu's
// sys_membarrier flavour and in folly's AsymmetricMemoryBarrier.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "queues/support/visit_cores.hpp"

#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__SANITIZE_THREAD__)
#define HANDOFF_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HANDOFF_UNDER_TSAN 1
#endif
#endif

namespace handoff::support {

namespace detail {

#if defined(__linux__) && !defined(HANDOFF_UNDER_TSAN)
inline bool membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }
inline bool register_membarrier() noexcept { return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }
#else
inline bool membarrier(int) noexcept { return false; }
inline bool register_membarrier() noexcept { return false; }
#endif

// False until static initialisation has registered the process: a light fence before that is a full one,
// which is merely slower. It never turns false again, so a compiler barrier always meets a membarrier.
inline const bool membarrier_registered = register_membarrier();

#if defined(__linux__) && !defined(HANDOFF_UNDER_TSAN)
/// A child of fork keeps the registration; were one to lose it, it registers again. A sandbox that was
/// entered later may refuse both.
[[gnu::noinline, gnu::cold]] inline void heavy_fence_refused() noexcept {
  if (register_membarrier() && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) return;
  if (visit_every_core()) return;
  std::fputs(
      "handoff: the kernel refuses membarrier(2), which it allowed when the program started, and "
      "sched_setaffinity(2) in its place, so that a queue can neither close nor join; allow one of them, or "
      "start the program inside the sandbox\n",
      stderr);
  std::abort();
}
#endif

}  // namespace detail

/// Whether a light fence may be a compiler barrier from now on. Once true, it stays true.
inline bool light_fence_is_free() noexcept { return detail::membarrier_registered; }

/// The light fence for callers that know that it is free, and have no instruction to spare for checking.
inline void free_light_fence() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);  // partner: the membarrier of heavy_fence
}

/// The hot side. Orders this thread's earlier stores before its later loads against any `heavy_fence`.
inline void light_fence() noexcept {
  if (light_fence_is_free()) [[likely]]
    free_light_fence();
  else
    std::atomic_thread_fence(std::memory_order_seq_cst);  // partner: the first fence of heavy_fence
}

/// The rare side, 0.4 to 6 microseconds. Any thread. If the kernel takes membarrier away from a running
/// program, some 10 microseconds per core instead; if it leaves no way at all, one sentence, and abort: hot
/// sides that do not fence are under way already.
inline void heavy_fence() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // partner: the seq_cst fence of light_fence
#if defined(__linux__) && !defined(HANDOFF_UNDER_TSAN)
  if (!detail::membarrier_registered) return;
  if (detail::membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) [[likely]]
    return;
  detail::heavy_fence_refused();
#endif
}

}  // namespace handoff::support
