#include "bench/text/csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "bench/frame/visible.hpp"

namespace handoff::bench {

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

std::string plain_decimal(double value) {
  if (!std::isfinite(value)) return {};
  std::array<char, std::numeric_limits<double>::max_exponent10 + 32> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed).ptr;
  return {digits.data(), end};
}

}  // namespace handoff::bench
