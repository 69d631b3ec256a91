#include "bench/micro/deques.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "queues/stealing/block_deque.hpp"
#include "queues/stealing/bounded_deque.hpp"
#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/stealing/private_deque.hpp"

namespace handoff::bench {

namespace {

using stealing::steal_status;

/// So many items are pushed before they are taken: more than a block of block_deque, less than any bound.
constexpr std::uint64_t burst = 64;

template <class Deque>
void push_pop(benchmark::State& state) {
  Deque deque;
  std::uint64_t item = 0, sum = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint64_t i = 1; i <= burst; ++i) deque.push(i);
    while (deque.pop(item)) sum += item;
  }
  if (sum != static_cast<std::uint64_t>(state.iterations()) * (burst * (burst + 1) / 2))
    state.SkipWithError("the items that came out are not those that went in");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(burst));
}

/// All that can be stolen is stolen, and the owner takes what it is asked for and has not handed out:
/// `stolen` is the share of the items that went to the thief, both on one thread.
template <class Deque>
void push_steal(benchmark::State& state) {
  Deque deque;
  std::uint64_t item = 0, sum = 0, stolen = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint64_t i = 1; i <= burst; ++i) deque.push(i);
    for (;;) {
      const steal_status status = deque.steal(item);
      if (status == steal_status::empty) break;
      if (status == steal_status::item)
        ++stolen;
      else if (!deque.pop(item))
        break;
      sum += item;
    }
  }
  const auto items = static_cast<std::uint64_t>(state.iterations()) * burst;
  if (sum != items / 2 * (burst + 1))
    state.SkipWithError("the items that came out are not those that went in");
  state.SetItemsProcessed(static_cast<std::int64_t>(items));
  state.counters["stolen"] = static_cast<double>(stolen) / static_cast<double>(items);
}

template <class Deque>
void add(std::vector<microbenchmark>& all, const std::string& name) {
  all.push_back({"deque/push_pop/" + name, &push_pop<Deque>});
  all.push_back({"deque/push_steal/" + name, &push_steal<Deque>});
}

}  // namespace

std::vector<microbenchmark> deque_microbenchmarks() {
  using number = std::uint64_t;
  std::vector<microbenchmark> all;
  add<stealing::chase_lev_deque<number>>(all, "chase_lev_deque");
  add<stealing::bounded_deque<number>>(all, "bounded_deque");
  add<stealing::block_deque<number>>(all, "block_deque");
  add<stealing::private_deque<number>>(all, "private_deque");
  return all;
}

}  // namespace handoff::bench
