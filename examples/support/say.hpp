// How a pattern prints: whole lines, at once, from any thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace handoff::patterns {

/// Writes `line` and a line's end to standard output, and flushes it. Throws bench::run_error if that
/// fails.
void print_line(std::string line);

template <class... Args>
void say(fmt::format_string<Args...> text, Args&&... args) {
  print_line(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace handoff::patterns
