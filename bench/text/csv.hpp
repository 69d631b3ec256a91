// Comma-separated values as in RFC 4180, but for the end of a line: a bare line feed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace handoff::bench {

/// The field, in quotes where it holds a comma, a quote or a line break.
std::string csv_field(std::string_view text);

/// The text as one line without control characters: each run of them, of spaces and of what Unicode breaks
/// lines with becomes one space, each byte that is not UTF-8 U+FFFD. For sentences of unknown origin: whoever
/// reads a table by lines finds its rows.
std::string one_line(std::string_view text);

/// One line of fields, with its line feed.
std::string csv_line(std::span<const std::string> fields);

/// The lines of a text; understands quotes and both ends of line. Throws std::invalid_argument with a clause
/// that says what is wrong and in which line.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

/// A plain decimal that reads back as the same number: no exponent, no locale. Empty for what is not finite.
std::string plain_decimal(double value);

}  // namespace handoff::bench
