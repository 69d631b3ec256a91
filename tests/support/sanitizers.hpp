// Sanitizers make a concurrent test 5 to 20 times slower, so it does that much less under them.
#pragma once

#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define HANDOFF_TEST_TSAN 1
#elif defined(__SANITIZE_ADDRESS__)
#define HANDOFF_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HANDOFF_TEST_TSAN 1
#elif __has_feature(address_sanitizer)
#define HANDOFF_TEST_ASAN 1
#endif
#endif

namespace handoff::testing_support {

#if defined(HANDOFF_TEST_TSAN)
inline constexpr bool finds_data_races = true;
#else
inline constexpr bool finds_data_races = false;
#endif

#if defined(HANDOFF_TEST_TSAN)
inline constexpr std::uint64_t slowdown = 10;
#elif defined(HANDOFF_TEST_ASAN)
inline constexpr std::uint64_t slowdown = 4;
#else
inline constexpr std::uint64_t slowdown = 1;
#endif

/// `count` in a release build; under a sanitizer, as much of it as is bearable.
constexpr std::uint64_t scaled(std::uint64_t count) noexcept {
  return count / slowdown > 0 ? count / slowdown : 1;
}

}  // namespace handoff::testing_support
