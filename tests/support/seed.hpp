// Seeds: every random decision of a test follows from one number, which is printed when the test fails.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace handoff::testing_support {

/// A small generator that can be seeded with any number: Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators" (2014). One thread at a time.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// 0 … limit - 1; slightly uneven, which does not matter here.
  std::uint64_t below(std::uint64_t limit) noexcept { return limit == 0 ? 0 : next() % limit; }

  /// A source of its own for thread or round `index`.
  [[nodiscard]] random_source fork(std::uint64_t index) const noexcept {
    return random_source(random_source(state_ ^ (index * 0xd6e8feb86659fd93U)).next());
  }

 private:
  std::uint64_t state_;
};

/// HANDOFF_TEST_SEED if it is set, otherwise a fresh seed for each test.
inline std::uint64_t test_seed() {
  if (const char* given = std::getenv("HANDOFF_TEST_SEED")) return std::strtoull(given, nullptr, 0);
  return std::random_device{}();
}

}  // namespace handoff::testing_support
