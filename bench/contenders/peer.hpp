// A contender that is a program of its own: a served session. One process per open cell answers one request
// at a time (docs/anatomy-of-a-peer.md) and is blocked in a read in between.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bench/contenders/backend.hpp"
#include "harness/cell.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// What the peer's line needs and this machine lacks; empty if nothing.
std::string missing_program(const peer_program& program);

/// Why the peer cannot run the cell, or nothing.
std::optional<std::string> why_peer_cannot(const peer_program& program, const harness::cell& cell);

/// What the peer runs on: the name and the version with which it answers a hello. Empty if it does not.
std::string describe_peer(const peer_program& program);

/// Starts nothing before the first sample is taken. The options' step limit applies to each sample, and to
/// the start and the warm-up together with the first one. Of the user's environment the peer sees only PATH,
/// HOME, TMPDIR and LD_LIBRARY_PATH, so that what it measures does not depend on variables that are
/// not recorded (PYTHONASYNCIODEBUG makes asyncio forty times slower). A peer that dies, hangs or answers
/// anything else than the protocol allows yields a sample that is `crashed` or `timeout`, with a sentence;
/// the next sample begins with a new process.
std::unique_ptr<harness::cell_session> open_peer(const peer_program& program, const harness::cell& cell,
                                                 const harness::session_options& options);

}  // namespace handoff::bench
