// Shared by the project's programs: a sound start whatever the parent left behind, output that is written or
// reported as lost, and one sentence with an exit status at the end.
#pragma once

#include <functional>
#include <string_view>

namespace handoff::bench {

/// Runs a program: `body` returns its exit status. Returns that, or 1 if standard output took less than was
/// written to it. If `body` throws, prints `PROGRAM: SENTENCE` on standard error and returns 2 for a
/// usage_error, 3 for an unwritten_row, 1 for any other exception. Call it first in main, from the only
/// thread.
int run_framed(std::string_view program, const std::function<int()>& body);

/// Writes to standard output. Throws run_error.
void print_out(std::string_view text);

/// Flushes standard output. Throws run_error if any of it, now or before, was lost.
void flush_out();

/// `WHO: SENTENCE` on standard error, on one line, with nothing that a terminal obeys. Never throws: if
/// standard error is closed, the exit status remains.
void tell(std::string_view who, std::string_view sentence) noexcept;

}  // namespace handoff::bench
