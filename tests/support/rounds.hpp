// How often a race is repeated: often, but no longer than a test may take on a busy machine.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "tests/support/sanitizers.hpp"

namespace handoff::testing_support {

/// `while (rounds.next())`: until `count` are done (fewer under sanitizers), or half a second has passed and
/// a twentieth of them is done, or something has failed.
class rounds {
 public:
  explicit rounds(std::uint64_t count) : count_(scaled(count)) {}

  [[nodiscard]] bool next() {
    using namespace std::chrono_literals;
    if (done_ == count_ || ::testing::Test::HasFailure()) return false;
    if (done_ * 20 >= count_ && std::chrono::steady_clock::now() - began_ > 500ms) return false;
    ++done_;
    return true;
  }
  [[nodiscard]] std::uint64_t index() const noexcept { return done_ - 1; }

 private:
  std::uint64_t count_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace handoff::testing_support
