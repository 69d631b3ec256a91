// Makes text from outside fit for display: a terminal obeys control characters, and readers of CSV or JSON
// need not accept bytes that are not UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace handoff::bench {

/// The length of the well-formed UTF-8 character at the start of the text; 0 if there is none.
std::size_t utf8_length(std::string_view text);

/// The number of bytes at the start of the text, which is not empty, that a terminal would obey rather than
/// show: a control character, also above 0x7f, or a separator of lines or paragraphs; otherwise 0.
std::size_t control_length(std::string_view text);

/// The text on one line, with every control character and every byte that is not UTF-8 as `\xNN`.
std::string visible(std::string_view text);

/// The beginning of a text that may have any length, as `visible` shows it, to be quoted in a sentence.
std::string quotation(std::string_view text);

}  // namespace handoff::bench
