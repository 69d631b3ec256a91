// The loops of which instructions are counted: what one thread does again and again while nobody else is
// there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "bench/contenders/catalog.hpp"
#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

/// A loop by name: `push_pop/mutex_condvar/wait:native`, `task/stealing_executor`.
struct counted_loop {
  std::string name;
  /// Does at least `items`, and returns how many it did: items through a queue, switches or tasks. What it
  /// does before its first turn and after its last does not depend on `items`. One thread at a time. Throws
  /// std::runtime_error if the loop fails.
  std::function<std::uint64_t(std::uint64_t items)> run;
};

/// Of a microbenchmark: nothing if it times itself; one for each capacity if it has several.
std::vector<counted_loop> loops_of(const microbenchmark& one);

/// Of a way to fork and join, on one thread; nothing if this build lacks it, or if it starts threads as it
/// likes.
std::vector<counted_loop> loops_of(const contender& one);

/// Of all backends that are available, of the deques that other threads steal from, and of all ways to fork
/// and join.
std::vector<counted_loop> counted_loops(const backend_catalog& catalog);

}  // namespace handoff::bench
