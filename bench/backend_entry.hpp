// What one backend brings to the bench program, type-erased: made by bench/backend_cells.hpp.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "harness/session.hpp"
#include "queues/contract/traits.hpp"

namespace benchmark {
class State;
}

namespace handoff::bench {

/// A microbenchmark; `name` follows `micro/`.
struct microbenchmark {
  std::string name;
  std::function<void(benchmark::State&)> run;
  bool manual_time = false;  ///< it times itself, once: one iteration, manual time
};

/// One run of the plain loop that a contender's harness throughput is held against.
struct plain_run {
  std::uint64_t items = 0;
  double seconds = 0;
  bool verified = false;  ///< count, checksum and order were right
};

/// The hand-written 1P1C loop of a contender: moves `items` items through a queue of `capacity`.
struct plain_loop_entry {
  wait_kind wait;
  plain_run (*run)(std::uint64_t items, std::size_t capacity);
};

struct backend_entry {
  backend_traits traits;
  std::vector<harness::contender_entry> contenders;
  std::vector<microbenchmark> microbenchmarks;
  std::vector<plain_loop_entry> plain_loops;
};

}  // namespace handoff::bench
