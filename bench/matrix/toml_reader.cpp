#include "bench/matrix/toml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "bench/frame/errors.hpp"
#include "bench/text/csv.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

std::string_view words_for(toml::node_type type) {
  switch (type) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

/// Takes one part of a dotted key, bare or quoted, from the start of the text; false if there is none.
bool take_key_part(std::string_view& text) {
  if (text.empty()) return false;
  if (text.front() == '"' || text.front() == '\'') {
    const char ends[] = {text.front(), '\n'};
    const auto end = text.find_first_of(ends, 1, sizeof ends);
    if (end == std::string_view::npos || text[end] == '\n') return false;
    text.remove_prefix(end + 1);
    return true;
  }
  const auto is_bare = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  const auto end = std::ranges::find_if_not(text, is_bare) - text.begin();
  text.remove_prefix(static_cast<std::size_t>(end));
  return end != 0;
}

bool take_dot(std::string_view& text) {
  const auto dot = text.find_first_not_of(" \t");
  if (dot == std::string_view::npos || text[dot] != '.') return false;
  const auto next = text.find_first_not_of(" \t", dot + 1);
  text.remove_prefix(std::min(next, text.size()));
  return true;
}

}  // namespace

std::size_t line_of_long_key(std::string_view text, std::size_t most) {
  std::size_t line = 1;
  while (!text.empty()) {
    std::size_t parts = 0;
    while (take_key_part(text)) {
      if (++parts > most) return line;
      // Adjacent quotes may be a key seen from the middle of one of its parts.
      if (!take_dot(text) && !text.starts_with('"') && !text.starts_with('\'')) break;
    }
    if (parts != 0) continue;
    if (text.front() == '\n') ++line;
    text.remove_prefix(1);
  }
  return 0;
}

void toml_reader::fail(const toml::node& at, std::string_view problem) const {
  throw usage_error(fmt::format("{}:{}: {}", file_, at.source().begin.line, problem));
}

void toml_reader::wrong_type(const toml::node& node, std::string_view key, std::string_view right) const {
  fail(node, fmt::format("{} is {}; write {}", key, words_for(node.type()), right));
}

const toml::node* toml_reader::find(std::string_view key) {
  asked_.emplace(key);
  return table_.get(key);
}

std::optional<std::string> toml_reader::text(std::string_view key) {
  if (const auto* node = find(key)) return text_of(*node, key);
  return std::nullopt;
}

std::optional<std::int64_t> toml_reader::whole(std::string_view key, std::int64_t least, std::int64_t most) {
  if (const auto* node = find(key)) return whole_of(*node, key, least, most);
  return std::nullopt;
}

std::optional<double> toml_reader::number(std::string_view key, double above, double most) {
  if (const auto* node = find(key)) return number_of(*node, key, above, most);
  return std::nullopt;
}

std::optional<std::vector<const toml::node*>> toml_reader::list(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* array = node->as_array();
  if (array == nullptr) return std::vector{node};
  if (array->empty())
    fail(*node, fmt::format("{} is an empty list; name at least one value, or leave the key out", key));
  std::vector<const toml::node*> values;
  for (const auto& value : *array) values.push_back(&value);
  return values;
}

std::int64_t toml_reader::whole_of(const toml::node& node, std::string_view key, std::int64_t least,
                                   std::int64_t most) const {
  const auto* value = node.as_integer();
  if (value == nullptr) wrong_type(node, key, fmt::format("a whole number from {} to {}", least, most));
  if (value->get() < least || value->get() > most)
    fail(node, fmt::format("{} is {}; write a whole number from {} to {}", key, value->get(), least, most));
  return value->get();
}

double toml_reader::number_of(const toml::node& node, std::string_view key, double above, double most) const {
  const auto value = node.value<double>();
  const auto right =
      fmt::format("a number greater than {} and at most {}", plain_decimal(above), plain_decimal(most));
  if (!value) wrong_type(node, key, right);
  if (!(*value > above && *value <= most)) fail(node, fmt::format("{} is {}; write {}", key, *value, right));
  return *value;
}

std::string toml_reader::text_of(const toml::node& node, std::string_view key) const {
  const auto* value = node.as_string();
  if (value == nullptr) wrong_type(node, key, "a text in quotes");
  return value->get();
}

void toml_reader::reject_unknown_keys() const {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& [key, node] : table_) {
    if (asked_.contains(key.str())) continue;
    const auto what = where_.empty() ? fmt::format("unknown key '{}'", key.str())
                                     : fmt::format("unknown key '{}' in {}", key.str(), where_);
    throw usage_error(
        fmt::format("{}:{}: {}; {}", file_, key.source().begin.line, what, suggestion(key.str(), known)));
  }
}

}  // namespace handoff::bench
