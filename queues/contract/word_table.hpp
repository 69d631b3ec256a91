// The words of an enum, once: what its values are called in matrices, results, names and messages.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace handoff {

/// `inline constexpr word_table<colour, 2> colour_words({{colour::red, "red"}, {colour::blue, "blue"}});`
/// A word stands for one value, and a value has one word.
template <class Value, std::size_t N>
class word_table {
 public:
  struct row {
    Value value;
    std::string_view word;
  };

  /// Rows of another kind have a `value` and a `word` too.
  template <class Row = row>
  constexpr explicit word_table(const Row (&rows)[N]) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
      values_[i] = rows[i].value;
      words_[i] = rows[i].word;
    }
  }

  /// In the order of the rows, as are the words.
  [[nodiscard]] constexpr const std::array<Value, N>& values() const noexcept { return values_; }
  [[nodiscard]] constexpr std::span<const std::string_view> words() const noexcept { return words_; }

  /// "invalid" for anything but a value of the enum.
  [[nodiscard]] constexpr std::string_view word_of(Value value) const noexcept {
    for (std::size_t i = 0; i < N; ++i)
      if (values_[i] == value) return words_[i];
    return "invalid";
  }

  [[nodiscard]] constexpr std::optional<Value> value_of(std::string_view word) const noexcept {
    for (std::size_t i = 0; i < N; ++i)
      if (words_[i] == word) return values_[i];
    return std::nullopt;
  }

 private:
  std::array<Value, N> values_{};
  std::array<std::string_view, N> words_{};
};

}  // namespace handoff
