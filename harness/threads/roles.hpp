// Which workers produce and which consume.
#pragma once

#include <algorithm>

namespace handoff::harness {

struct role {
  bool produces;
  unsigned index;  ///< among the producers, or among the consumers
};

/// Producers and consumers alternate, so that pinned neighbours are partners; the rest of the longer side
/// follows.
constexpr role role_of(unsigned worker, unsigned producers, unsigned consumers) noexcept {
  const unsigned paired = 2 * std::min(producers, consumers);
  if (worker < paired) return {worker % 2 == 0, worker / 2};
  return {producers > consumers, worker - paired / 2};
}

}  // namespace handoff::harness
