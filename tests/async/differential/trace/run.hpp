// Runs a trace program in virtual time.
#pragma once

#include <string>

#include "tests/async/differential/trace/program.hpp"

namespace handoff::trace {

/// The trace of `what`: a line an operation that ended, in the order of their ends, and how all tasks and
/// queues ended.
std::string run_program(const program& what);

}  // namespace handoff::trace
