#include "harness/clock.hpp"

#include <algorithm>
#include <array>

namespace handoff::harness {

double clock_cost_ns() {
  static const double cost = [] {
    constexpr int readings = 64;
    std::array<double, 501> batches{};
    for (double& batch : batches) {
      const std::int64_t start = now_ns();
      std::int64_t last = start;
      for (int i = 0; i < readings; ++i) last = now_ns();
      batch = static_cast<double>(last - start) / readings;
    }
    std::nth_element(batches.begin(), batches.begin() + batches.size() / 2, batches.end());
    return batches[batches.size() / 2];
  }();
  return cost;
}

}  // namespace handoff::harness
