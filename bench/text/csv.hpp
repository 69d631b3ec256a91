// Writes comma-separated values as in RFC 4180, except that a line ends with a bare line feed.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace handoff::bench {

/// The field, quoted if it contains a comma, a quote or a line break.
std::string csv_field(std::string_view text);

/// The text as one line without control characters: each run of them, of spaces and of Unicode's line breaks
/// becomes one space, each byte that is not UTF-8 becomes U+FFFD. For text from outside the program: keeps
/// every CSV record on one line.
std::string one_line(std::string_view text);

/// One line of fields, with its line feed.
std::string csv_line(std::span<const std::string> fields);

/// A plain decimal that reads back as the same number: no exponent, no locale. Empty if the value is not
/// finite.
std::string plain_decimal(double value);

}  // namespace handoff::bench
