// What one backend contributes to the bench program, type-erased: made by
// bench/google_benchmark/backend_cells.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/session.hpp"
#include "queues/contract/traits.hpp"

namespace benchmark {
class State;
}
namespace handoff::harness {
class team;
}

namespace handoff::bench {

/// A microbenchmark; `name` follows `micro/`.
struct microbenchmark {
  enum class kind : unsigned char {
    loop,          ///< Google Benchmark finds the number of iterations
    times_itself,  ///< one iteration with manual time
    by_capacity,   ///< as loop, once with capacity 1 and once with 1024, as argument 0
  };

  std::string name;
  std::function<void(benchmark::State&)> run;
  kind how = kind::loop;
};

/// One run of a plain loop.
struct plain_run {
  std::uint64_t items = 0;
  double seconds = 0;
  bool verified = false;  ///< count, checksum and order were right
};

/// The plain 1P1C loop with which a contender's throughput in the harness is compared.
struct plain_loop_entry {
  wait_kind wait;
  /// Moves `items` items through a fresh queue. `workers` has two threads.
  plain_run (*run)(harness::team& workers, std::uint64_t items, std::size_t capacity);
};

struct backend_entry {
  backend_traits traits;
  std::vector<harness::contender_entry> contenders;
  std::vector<microbenchmark> microbenchmarks;
  std::vector<plain_loop_entry> plain_loops;  ///< empty for a coroutine backend
};

}  // namespace handoff::bench
