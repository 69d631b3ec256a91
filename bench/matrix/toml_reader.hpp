// Typed access to the keys of a TOML table, with errors that name file and line and say what would be right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

namespace handoff::bench {

/// The first line with a key of more than `most` parts (`a.b.c` has three), counted from 1; 0 if there is
/// none. Counts keys in strings and comments as well.
std::size_t line_of_long_key(std::string_view text, std::size_t most);

/// One table of a file. A key that was asked for counts as known.
class toml_reader {
 public:
  /// `where` names the table in sentences: `[[cells]]`, or nothing for the top of the file.
  toml_reader(const toml::table& table, std::string file, std::string where)
      : table_(table), file_(std::move(file)), where_(std::move(where)) {}

  /// Throws usage_error: `FILE:LINE: PROBLEM`.
  [[noreturn]] void fail(const toml::node& at, std::string_view problem) const;
  [[noreturn]] void fail_here(std::string_view problem) const { fail(table_, problem); }

  bool has(std::string_view key) { return find(key) != nullptr; }
  const toml::node* find(std::string_view key);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view key, double above, double most);

  /// The values of a list, or of a single value in its place: at least one. Nothing if the key is absent.
  std::optional<std::vector<const toml::node*>> list(std::string_view key);

  std::int64_t whole_of(const toml::node& node, std::string_view key, std::int64_t least,
                        std::int64_t most) const;
  double number_of(const toml::node& node, std::string_view key, double above, double most) const;
  std::string text_of(const toml::node& node, std::string_view key) const;

  /// Fails at the first key that was not asked for.
  void reject_unknown_keys() const;

 private:
  [[noreturn]] void wrong_type(const toml::node& node, std::string_view key, std::string_view right) const;

  const toml::table& table_;
  std::string file_;
  std::string where_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace handoff::bench
