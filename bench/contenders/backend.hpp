// What can be measured under one name, type-erased: a backend of this program (made by
// bench/google_benchmark/backend_cells.hpp), a peer, or one that is not here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
struct plain_loop {
  wait_kind wait;
  /// Moves `items` items through a fresh queue. `workers` has two threads.
  plain_run (*run)(harness::team& workers, std::uint64_t items, std::size_t capacity);
};

/// A contender that is a program of its own, as its handoff_add_peer() line describes it.
struct peer_program {
  std::string_view name;
  std::vector<std::string_view> command;    ///< program and first arguments; looked up on the PATH
  std::vector<std::string_view> scenarios;  ///< those that it offers, in the words of the matrices
  std::string_view ordering;
  std::string_view wait;
  std::string_view summary;
  std::string_view reference;
  std::string_view needs = {};  ///< what was lacking when the program should have been built
};

struct backend {
  std::string name;
  std::string needs;      ///< what is missing; empty if it is available
  backend_traits traits;  ///< of a backend that was not built only the name is known
  std::vector<harness::contender> contenders;
  std::vector<microbenchmark> microbenchmarks;
  std::vector<plain_loop> plain_loops;  ///< empty for a coroutine backend
  std::optional<peer_program> peer;     ///< of a peer

  bool available() const noexcept { return needs.empty(); }
  bool is_peer() const noexcept { return peer.has_value(); }
};

}  // namespace handoff::bench
