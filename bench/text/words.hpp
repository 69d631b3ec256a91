// The user's words: lists of them, and what was meant by one that is unknown.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "queues/contract/word_table.hpp"

namespace handoff::bench {

/// All words of a table (queues/contract/word_table.hpp), for `joined` and `suggestion`.
template <class Value, std::size_t N>
std::vector<std::string> words_of(const word_table<Value, N>& table) {
  return {table.words().begin(), table.words().end()};
}

/// `a, b, c`.
std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

/// The parts between commas, without blanks around them; an empty part is kept.
std::vector<std::string> split_list(std::string_view text);

/// The words that are closest to `word`, and close enough to have been meant, best first, at most `limit`.
std::vector<std::string> nearest(std::string_view word, std::span<const std::string> known,
                                 std::size_t limit = 1);

/// How a sentence about an unknown word ends: `did you mean 'x'?`, or else `expected one of a, b, c`.
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace handoff::bench
