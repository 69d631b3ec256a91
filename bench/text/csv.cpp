#include "bench/text/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "bench/frame/visible.hpp"

namespace handoff::bench {

namespace {

/// Reads one line after another from a text.
class csv_reader {
 public:
  explicit csv_reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  std::vector<std::string> line() {
    std::vector<std::string> fields;
    ++line_;
    do fields.push_back(take('"') ? quoted() : plain());
    while (take(','));
    take('\r');
    if (!take('\n') && !rest_.empty())
      throw std::invalid_argument(fmt::format("text follows a closing quote in line {}", line_));
    return fields;
  }

 private:
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string plain() {
    const auto end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return field;
  }

  std::string quoted() {
    std::string field;
    for (;;) {
      const auto quote = rest_.find('"');
      if (quote == std::string_view::npos)
        throw std::invalid_argument(fmt::format("a quote is not closed in line {}", line_));
      field += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!take('"')) return field;
      field += '"';
    }
  }

  std::string_view rest_;
  std::size_t line_ = 0;
};

}  // namespace

std::string one_line(std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
  std::string line;
  bool blank = false;
  while (!text.empty()) {
    const std::size_t skipped = text.front() == ' ' ? 1 : control_length(text);
    const std::size_t whole = utf8_length(text);
    if (skipped == 0) {
      if (blank && !line.empty()) line += ' ';
      line += whole != 0 ? text.substr(0, whole) : replacement;
    }
    blank = skipped != 0;
    text.remove_prefix(std::max<std::size_t>({skipped, whole, 1}));
  }
  return line;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (const auto& field : fields) {
    if (!line.empty() || &field != fields.data()) line += ',';
    line += csv_field(field);
  }
  return line + '\n';
}

std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> lines;
  for (csv_reader reader(text); !reader.at_end();) lines.push_back(reader.line());
  return lines;
}

std::string plain_decimal(double value) {
  if (!std::isfinite(value)) return {};
  std::array<char, std::numeric_limits<double>::max_exponent10 + 32> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed).ptr;
  return {digits.data(), end};
}

}  // namespace handoff::bench
