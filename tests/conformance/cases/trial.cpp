#include "tests/conformance/trial.hpp"

#include <algorithm>
#include <thread>

namespace handoff::conformance {

bool trial::crowded(unsigned threads) const {
  return who_->wait == wait_kind::spin && threads >= std::thread::hardware_concurrency();
}

std::uint64_t trial::volume(std::uint64_t count, unsigned threads, std::size_t capacity) const {
  if (crowded(threads)) count /= 50;
  // Through few places every item is a change of threads.
  if (traits().bounded && capacity < 64) count = count * (capacity + 4) / 100;
  return std::max<std::uint64_t>(scaled(count), 100);
}

trial::rounds::rounds(const trial& t, std::uint64_t count, unsigned threads)
    : count_(scaled(t.crowded(threads) ? count / 20 : count)) {}

bool trial::rounds::next() {
  using namespace std::chrono_literals;
  if (done_ == count_ || ::testing::Test::HasFailure()) return false;
  if (done_ * 20 >= count_ && std::chrono::steady_clock::now() - began_ > 500ms) return false;
  ++done_;
  return true;
}

}  // namespace handoff::conformance
