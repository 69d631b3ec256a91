// Reads the rows that the program writes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace handoff::bench::testing {

/// The fields of every line; a field in quotes may contain commas, line feeds and doubled quotes.
inline std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> lines;
  bool quoted = false, begun = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!begun) lines.emplace_back(1);
    begun = true;
    const char c = text[i];
    std::string& field = lines.back().back();
    if (c == '"' && quoted && text.substr(i + 1, 1) == "\"")
      field += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      lines.back().emplace_back();
    else if (c == '\n' && !quoted)
      begun = false;
    else
      field += c;
  }
  EXPECT_FALSE(quoted) << "a quote is not closed: " << text;
  return lines;
}

}  // namespace handoff::bench::testing
