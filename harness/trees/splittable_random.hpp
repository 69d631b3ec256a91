// Random numbers that form a tree: a node's are a hash of its parent's and of its own number among the
// children, so that whoever expands a node draws the same ones.
#pragma once

#include <array>
#include <cstdint>

namespace handoff::harness {

/// The generator of Unbalanced Tree Search: a SHA-1 hash (FIPS 180-4) as five words.
using random_state = std::array<std::uint32_t, 5>;

random_state random_root(std::uint32_t seed) noexcept;
random_state random_child(const random_state& parent, std::uint32_t index) noexcept;

/// Uniform in [0, 1), with 31 bits.
inline double uniform(const random_state& state) noexcept {
  constexpr std::uint32_t lower_bits = 0x7fffffff;
  constexpr double range = 2147483648.0;
  return static_cast<double>(state[4] & lower_bits) / range;
}

}  // namespace handoff::harness
