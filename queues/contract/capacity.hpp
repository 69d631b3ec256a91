// The rule of capacities, for every backend: a constructor accepts a capacity that it can honour, and
// rejects any other.
#pragma once

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace handoff {

/// The most items of `bytes` each that an array can hold.
constexpr std::size_t most_items(std::size_t bytes) noexcept {
  return static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / bytes;
}

/// The reserve of an unbounded queue called `name`, if it is `most` or less. Throws std::length_error.
inline std::size_t checked_reserve(std::string_view name, std::size_t reserve, std::size_t most) {
  if (reserve > most)
    throw std::length_error(std::string(name) + ": capacity " + std::to_string(reserve) +
                            " must be at most " + std::to_string(most));
  return reserve;
}

/// The capacity of a bounded queue called `name`, if it is between 1 and `most`. Throws
/// std::invalid_argument for 0, std::length_error above.
inline std::size_t checked_capacity(std::string_view name, std::size_t capacity, std::size_t most) {
  if (capacity == 0) throw std::invalid_argument(std::string(name) + ": capacity must be at least 1, not 0");
  return checked_reserve(name, capacity, most);
}

}  // namespace handoff
