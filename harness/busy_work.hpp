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

}  // namespace handoff::harness
