// Locking a mutex that many threads want often and hold briefly.
#pragma once

#include <mutex>

#include "queues/support/hardware.hpp"

namespace handoff::support {

/// Locks `mutex`; while another thread holds it, looks eight times, thirty-two turns of a spinning loop
/// apart, before it goes to sleep for it: a few microseconds. A thread that sleeps for a lock costs a
/// system call here and one when the lock is released; and looking less often than at every turn leaves the
/// holder its cache line, so that it gets several operations done before the lock changes cores. That one
/// spins before one sleeps: Ousterhout, Scheduling techniques for concurrent systems (1982).
///
/// Blocking, like `std::mutex::lock`; throws what that throws.
inline std::unique_lock<std::mutex> lock_patiently(std::mutex& mutex) {
  constexpr int looks = 8, turns = 32;
  for (int look = 0; look < looks; ++look) {
    if (mutex.try_lock()) return {mutex, std::adopt_lock};
    for (int turn = 0; turn < turns; ++turn) cpu_relax();
  }
  return std::unique_lock(mutex);
}

}  // namespace handoff::support
