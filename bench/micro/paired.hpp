// Measures two things in turn, so that drift affects both: the ratio is taken pair by pair.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "harness/outcome.hpp"

namespace handoff::bench {

struct paired_ratio {
  double median = 0;
  double lowest = 0, highest = 0;
  std::size_t pairs = 0;
};

/// first() ÷ second() over `pairs` pairs; which of the two comes first alternates. Throws what they throw.
template <class First, class Second>
paired_ratio measure_pairs(std::size_t pairs, First first, Second second) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < pairs; ++i) {
    const bool swapped = i % 2 == 1;
    const double early = swapped ? second() : first();
    const double late = swapped ? first() : second();
    ratios.push_back(swapped ? late / early : early / late);
  }
  const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
  return {.median = harness::median(ratios), .lowest = *lowest, .highest = *highest, .pairs = pairs};
}

}  // namespace handoff::bench
