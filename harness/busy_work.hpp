// Work per item: a loop that keeps a core busy for a calibrated time without reading a clock.
#pragma once

#include <cstdint>

namespace handoff::harness {

/// How many turns of the loop last `nanoseconds` on this machine; calibrated at the first call, once a
/// process.
std::uint64_t turns_for(std::uint32_t nanoseconds);

/// Runs the loop. Any thread; touches no memory.
inline void work(std::uint64_t turns) noexcept {
  for (std::uint64_t i = 0; i < turns; ++i) asm volatile("" : "+r"(i));
}

/// Calls `loop(work)`, where `work()` is one item's work: nothing at all where there are no turns, so that a
/// worker loop does not even ask.
template <class Loop>
void with_work(std::uint64_t turns, Loop loop) {
  if (turns == 0)
    loop([] {});
  else
    loop([turns] { harness::work(turns); });
}

}  // namespace handoff::harness
