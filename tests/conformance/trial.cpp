#include "tests/conformance/trial.hpp"

#include <algorithm>
#include <thread>

namespace handoff::conformance {

bool trial::crowded(unsigned threads) const {
  return who_->wait == wait_kind::spin && threads >= std::thread::hardware_concurrency();
}

std::uint64_t trial::volume(std::uint64_t count, unsigned threads, std::size_t capacity) const {
  if (crowded(threads)) count /= 50;
  // With few places, every item costs a thread switch.
  if (traits().bounded && capacity < 64) count = count * (capacity + 4) / 100;
  return std::max<std::uint64_t>(scaled(count), 100);
}

}  // namespace handoff::conformance
