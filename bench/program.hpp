// What handoff-bench does once its command line is parsed.
#pragma once

#include <filesystem>

#include "bench/command_line.hpp"
#include "bench/contenders/catalog.hpp"

namespace handoff::bench {

/// Does what the command line asks for. Returns the exit status: 0, or 1 if a row was corrupt, crashed or
/// timed out. Throws usage_error and run_error. `root`: where /proc and /sys lie, for the CPU quota.
int run_program(const command_line& line, const backend_catalog& catalog,
                const std::filesystem::path& root = "/");

}  // namespace handoff::bench
