#include "bench/text/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace handoff::bench {

namespace {

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other (optimal
/// string alignment).
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last, last(to.size() + 1), row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (from[i - 1] != to[j - 1] ? 1 : 0)});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, row);
  }
  return last.back();
}

}  // namespace

std::string joined(std::span<const std::string> words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::vector<std::string> split_list(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string> parts;
  for (;;) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    const auto first = part.find_first_not_of(blanks);
    if (first == std::string_view::npos)
      parts.emplace_back();
    else
      parts.emplace_back(part.substr(first, part.find_last_not_of(blanks) + 1 - first));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string> nearest(std::string_view word, std::span<const std::string> known,
                                 std::size_t limit) {
  const std::size_t enough = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> close;
  for (const auto& candidate : known)
    if (const auto distance = edit_distance(word, candidate); distance <= enough)
      close.emplace_back(distance, candidate);
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (close.size() > limit) close.resize(limit);
  std::vector<std::string> words;
  for (auto& [distance, candidate] : close) words.push_back(std::move(candidate));
  return words;
}

std::string suggestion(std::string_view word, std::span<const std::string> known) {
  if (const auto meant = nearest(word, known); !meant.empty())
    return fmt::format("did you mean '{}'?", meant.front());
  return fmt::format("expected one of {}", joined(known));
}

}  // namespace handoff::bench
