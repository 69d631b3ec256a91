#include "tests/conformance/trial.hpp"

#include <algorithm>
#include <thread>

namespace handoff::conformance {

std::uint64_t trial::volume(std::uint64_t count, unsigned threads, std::size_t capacity) const {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  // Whoever spins without a core to itself burns the time slice of the one it waits for.
  if (who_->wait == wait_kind::spin && threads > cores) count /= 50;
  // Through few places every item is a change of threads.
  if (traits().bounded && capacity < 64) count = count * (capacity + 4) / 100;
  return std::max<std::uint64_t>(scaled(count), 100);
}

bool trial::rounds::next() {
  using namespace std::chrono_literals;
  if (done_ == count_ || ::testing::Test::HasFailure()) return false;
  if (done_ * 10 >= count_ && done_ % 16 == 0 && std::chrono::steady_clock::now() - began_ > 1s) return false;
  ++done_;
  return true;
}

}  // namespace handoff::conformance
