// The order of samples in a program that measures its contenders against each other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace handoff::bench {

/// Calls `sample(cell)` for each of the cells once per block, in an order drawn anew for each: what slows the
/// machine down for a while meets all of them.
template <class Cell, class Sample>
void measure_in_blocks(std::vector<Cell> cells, unsigned blocks, std::uint64_t seed, Sample sample) {
  std::mt19937_64 random(seed);
  for (unsigned block = 0; block < blocks; ++block) {
    std::shuffle(cells.begin(), cells.end(), random);
    for (const Cell& cell : cells) sample(cell);
  }
}

}  // namespace handoff::bench
