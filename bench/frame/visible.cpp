#include "bench/frame/visible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace handoff::bench {

namespace {

unsigned byte_of(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

/// The length of a character that begins with this byte; 0 if none does.
std::size_t announced_length(unsigned first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

/// Overlong forms, surrogates, and anything above U+10FFFF show in the second byte.
bool second_fits(unsigned first, unsigned second) {
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const std::size_t length = announced_length(byte_of(text, 0));
  if (length < 2) return length;
  if (!second_fits(byte_of(text, 0), byte_of(text, 1))) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_of(text, i) & 0xc0) != 0x80) return 0;
  return length;
}

std::size_t control_length(std::string_view text) {
  const unsigned first = byte_of(text, 0), second = byte_of(text, 1), third = byte_of(text, 2);
  if (first < 0x20 || first == 0x7f) return 1;
  if (first == 0xc2 && second >= 0x80 && second <= 0x9f) return 2;
  if (first == 0xe2 && second == 0x80 && (third == 0xa8 || third == 0xa9)) return 3;
  return 0;
}

std::string visible(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t hidden = control_length(text);
    const std::size_t whole = hidden != 0 ? 0 : utf8_length(text);
    const std::size_t taken = std::max<std::size_t>(hidden + whole, 1);
    if (whole != 0)
      shown += text.substr(0, taken);
    else
      for (std::size_t i = 0; i < taken; ++i)
        fmt::format_to(std::back_inserter(shown), "\\x{:02x}", byte_of(text, i));
    text.remove_prefix(taken);
  }
  return shown;
}

std::string quotation(std::string_view text) {
  constexpr std::size_t longest = 60;
  if (text.size() <= longest) return visible(text);
  std::size_t length = 0;  // whole characters
  while (length < longest) length += std::max<std::size_t>(utf8_length(text.substr(length)), 1);
  return visible(text.substr(0, length)) + "\u2026";
}

}  // namespace handoff::bench
