// A contender that is a program: one process per sample, which gets the cell's axes as options and answers in
// CSV.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/contenders/registry.hpp"
#include "harness/cell.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// What the peer's line needs and this machine lacks; empty if nothing.
std::string missing_program(const registered_peer& line);

/// Why the peer cannot run the cell, or nothing.
std::optional<std::string> why_peer_cannot(const registered_peer& line, const harness::cell& cell);

/// The command line of one sample.
std::vector<std::string> peer_command(const registered_peer& line, const harness::cell& cell,
                                      const harness::session_options& options);

/// What the peer runs on, in its own words: the first line that it prints for --describe. Empty if it prints
/// none.
std::string describe_peer(const registered_peer& line);

/// Runs the command once and makes a sample of what it prints: one header line of measured columns and one
/// row. Of the user's environment the peer sees only PATH, HOME, TMPDIR and LD_LIBRARY_PATH, so that what it
/// measures does not depend on variables that nobody records (PYTHONASYNCIODEBUG makes asyncio forty times
/// slower). A peer that dies, hangs or prints anything else becomes `crashed` or `timeout`, with a sentence.
harness::sample run_peer(const std::vector<std::string>& command, std::chrono::milliseconds limit);

/// Starts nothing before the first sample is taken. The options' step limit applies to each run.
std::unique_ptr<harness::cell_session> open_peer(const registered_peer& line, const harness::cell& cell,
                                                 const harness::session_options& options);

}  // namespace handoff::bench
