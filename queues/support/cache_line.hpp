// The distance that keeps two writers out of each other's way.
#pragma once

#include <cstddef>

namespace handoff::support {

/// 128 bytes: two lines, because the adjacent-line prefetcher of x86 moves lines in pairs.
inline constexpr std::size_t separation = 128;

}  // namespace handoff::support
