// The user's words: turns them into values, and suggests what was meant if they are unknown.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cell.hpp"

namespace handoff::bench {

inline constexpr std::array all_waits{wait_kind::native, wait_kind::loop, wait_kind::spin, wait_kind::yield,
                                      wait_kind::park};
inline constexpr std::array all_orderings{ordering::fifo, ordering::per_producer_fifo, ordering::lifo,
                                          ordering::priority, ordering::unordered};

/// The value whose `to_string` is `word`.
template <class Value, std::size_t N>
std::optional<Value> from_word(std::string_view word, const std::array<Value, N>& values) {
  using handoff::to_string;
  using harness::to_string;
  for (const Value value : values)
    if (to_string(value) == word) return value;
  return std::nullopt;
}

/// The words of all values, in their order.
template <class Value, std::size_t N>
std::vector<std::string> words_of(const std::array<Value, N>& values) {
  using handoff::to_string;
  using harness::to_string;
  std::vector<std::string> words;
  for (const Value value : values) words.emplace_back(to_string(value));
  return words;
}

/// `a, b, c`.
std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

/// The parts between commas, without blanks around them; an empty part is kept.
std::vector<std::string> split_list(std::string_view text);

/// The words that are closest to `word`, and close enough to have been meant, best first, at most `limit`.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> known,
                                 std::size_t limit = 1);

/// How a sentence about an unknown word ends: `did you mean 'x'?`, or else `known are a, b, c`.
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace handoff::bench
