// The axes of a cell that a matrix lists values for, and the marks of its contender: one row per axis.
//
// A cell's name, the keys of a matrix, the product of their values, the columns that identify a cell and what
// a peer is told all run over these rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "harness/cell.hpp"

namespace handoff::harness {

/// Nothing if the axis does not apply; otherwise a number or one of the axis's words.
using axis_value = std::variant<std::monostate, std::uint64_t, double, std::string_view>;

/// What a matrix may write as a value.
struct whole_numbers {
  std::uint64_t least, most;
};
struct shares {};  ///< numbers greater than 0 and at most 1
struct word_list {
  std::span<const std::string_view> words;  ///< one that is a numeral is written without quotes
  std::string_view refusal = {};  ///< follows the key if a value is none of them; empty: a suggestion
};
struct not_listed {};  ///< a matrix has no list of its values
using axis_domain = std::variant<not_listed, whole_numbers, shares, word_list>;

struct axis {
  std::string_view key;    ///< in a matrix and in samples.csv
  std::string_view label;  ///< in a cell's name; neighbours with the same label share one part of it
  axis_domain domain = {};
  axis_value otherwise = {};  ///< if a matrix does not list the axis
  axis_value (*get)(const cell&);
  void (*set)(cell&, const axis_value&);  ///< to a value of the domain, or to nothing
  bool always_named = false;              ///< even with the value of a cell that is left as it is
  bool bounded_only = false;              ///< does not apply to an unbounded contender
  std::optional<scenario> owner = {};     ///< the only scenario to which it applies
  axis_value in_a_tree = {};              ///< if not empty: its value in `tree`, whatever a matrix lists
};

/// In the order of a cell's name.
std::span<const axis> axes() noexcept;

/// The axis with that key. Throws std::logic_error if there is none.
const axis& axis_named(std::string_view key);

}  // namespace handoff::harness
