// Work per item: a loop that keeps a core busy for a calibrated time without reading a clock.
#pragma once

#include <cstdint>

namespace handoff::harness {

/// Turns of the loop that take `nanoseconds` on this machine; calibrated once per process, at the first call.
std::uint64_t turns_for(std::uint32_t nanoseconds);

/// Runs the loop. Any thread; touches no memory.
inline void work(std::uint64_t turns) noexcept {
  for (std::uint64_t i = 0; i < turns; ++i) asm volatile("" : "+r"(i));
}

/// Calls `loop(work)`, where `work()` is one item's work. With no turns `work()` is empty, so that a worker
/// loop need not even check.
template <class Loop>
void with_work(std::uint64_t turns, Loop loop) {
  if (turns == 0)
    loop([] {});
  else
    loop([turns] { harness::work(turns); });
}

}  // namespace handoff::harness
