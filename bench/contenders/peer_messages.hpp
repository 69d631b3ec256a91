// The protocol between handoff-bench and a peer (docs/anatomy-of-a-peer.md): one flat JSON object per line, a
// request to the peer's standard input and a reply from its standard output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/cell.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

inline constexpr int peer_protocol = 1;

/// What a peer runs on, in its own words: "CPython", "3.13.1 (/usr/bin/python3.13)".
struct peer_identity {
  std::string name, version;
};

/// The requests, with their line feed. Every request has its own `id`, which the reply repeats.
std::string hello_request(std::uint64_t id);
std::string open_request(std::uint64_t id, const harness::cell& cell,
                         const harness::session_options& options);
std::string sample_request(std::uint64_t id);

/// The replies. Each function throws std::invalid_argument with a clause that says what is wrong with the
/// line.
peer_identity read_hello(std::string_view line, std::uint64_t id);
/// `ok`, or why the cell has no samples (`skipped`, `corrupt`).
harness::sample read_opened(std::string_view line, std::uint64_t id);
harness::sample read_sample(std::string_view line, std::uint64_t id);

}  // namespace handoff::bench
