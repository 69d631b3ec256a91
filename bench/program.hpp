// What handoff-bench does, once its words are understood.
#pragma once

#include "bench/catalog.hpp"
#include "bench/command_line.hpp"

namespace handoff::bench {

/// Does what the line asks for. Returns the exit status: 0, or 1 where a row was corrupt, crashed or timed
/// out. Throws usage_error and run_error.
int run_program(const command_line& line, const catalog& known);

}  // namespace handoff::bench
