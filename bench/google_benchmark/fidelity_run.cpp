#include "bench/google_benchmark/fidelity_run.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "bench/fidelity/plain_run.hpp"
#include "bench/micro/paired.hpp"
#include "harness/placement.hpp"
#include "harness/watchdog.hpp"

namespace handoff::bench {

namespace {

constexpr std::size_t pairs = 21;
constexpr std::size_t bounded_capacity = 1024;
constexpr auto sample_length = std::chrono::milliseconds(30);
constexpr auto pin = harness::pinning::compact;

harness::cell fidelity_cell(const backend& measured, wait_kind wait) {
  harness::cell c;
  c.backend = measured.traits.name;
  c.wait = wait;
  if (measured.traits.bounded) c.capacity = bounded_capacity;
  c.pin = pin;
  return c;
}

harness::sample verified_sample(harness::cell_session& session) {
  harness::sample measured = session.take();
  if (measured.status != harness::sample_status::ok || !measured.items_per_second || !measured.items)
    throw std::runtime_error(
        fmt::format("{} in the harness: {}", to_string(measured.status), measured.detail));
  return measured;
}

}  // namespace

void measure_fidelity(benchmark::State& state, const backend& measured, const harness::contender& contender,
                      const plain_loop& plain) {
  for ([[maybe_unused]] auto _ : state) {
    const auto session =
        contender.open(fidelity_cell(measured, contender.wait), {.sample_length = sample_length});
    const harness::placement where(pin);
    harness::team workers(2, where);
    const std::uint64_t items = *verified_sample(*session).items;
    const std::size_t capacity = measured.traits.bounded ? bounded_capacity : plain_touches;
    double harness_rate = 0, plain_rate = 0;
    const auto result = measure_pairs(
        pairs, [&] { return harness_rate = *verified_sample(*session).items_per_second; },
        [&] {
          const harness::watchdog hung(std::chrono::seconds(30), "a plain loop");
          const plain_run run = plain.run(workers, items, capacity);
          if (!run.verified)
            throw std::runtime_error("the plain loop's items did not come out as they went in");
          return plain_rate = static_cast<double>(run.items) / run.seconds;
        });
    state.SetIterationTime(1 / harness_rate);
    state.counters["ratio"] = result.median;
    state.counters["lowest"] = result.lowest;
    state.counters["highest"] = result.highest;
    state.counters["pairs"] = static_cast<double>(result.pairs);
    state.counters["harness_items_per_second"] = harness_rate;
    state.counters["plain_items_per_second"] = plain_rate;
  }
}

}  // namespace handoff::bench
