// What the project's programs have in common: a sound start whatever the parent left behind, output that is
// written or missed aloud, and one sentence with an exit status at the end.
#pragma once

#include <functional>
#include <string_view>

namespace handoff::bench {

/// Runs a program: `body` answers its exit status. Answers that, or 1 where standard output took less than
/// was written to it, or where `body` throws: 2 for a usage_error, 3 for an unwritten_row, 1 for any other
/// exception, with `PROGRAM: SENTENCE` on standard error. To be called first in main, from the one thread
/// there is.
int run_framed(std::string_view program, const std::function<int()>& body);

/// Writes to standard output. Throws run_error.
void print_out(std::string_view text);

/// Writes all that standard output holds back. Throws run_error where any of it, now or before, was lost.
void flush_out();

/// `WHO: SENTENCE` on standard error, on one line, with nothing in it that a terminal obeys. Never throws:
/// whoever closed standard error has the exit status.
void tell(std::string_view who, std::string_view sentence) noexcept;

}  // namespace handoff::bench
