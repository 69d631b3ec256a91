#include "bench/estimate.hpp"

#include "bench/plan.hpp"

namespace handoff::bench {

namespace {

/// What a scenario measures before its samples, in lengths of a sample: the number of items, and for `paced`
/// the contender's own throughput.
double warm_up_lengths(harness::scenario what) {
  switch (what) {
    case harness::scenario::throughput:
    case harness::scenario::ping_pong: return 1.0;
    case harness::scenario::paced: return 5.0;
    case harness::scenario::join: return 0.5;
    case harness::scenario::shutdown: return 0.1;
  }
  return 1.0;
}

/// Until a process measures something: its start, and the fewest items that a warm-up tries.
double start_seconds(const planned_cell& cell, bool is_peer) {
  constexpr double program_s = 0.012, interpreter_s = 0.09;
  constexpr double first_items = 512;
  const double work_ns = static_cast<double>(cell.what.work_producer_ns) / cell.what.producers +
                         static_cast<double>(cell.what.work_consumer_ns) / cell.what.consumers;
  return program_s + (is_peer ? interpreter_s : 0) + first_items * work_ns * 1e-9;
}

}  // namespace

std::chrono::milliseconds step_limit(std::chrono::nanoseconds sample_length) {
  return std::chrono::seconds(30) + std::chrono::ceil<std::chrono::milliseconds>(20 * sample_length);
}

void estimate(planned_cell& cell, const matrix& from, bool is_peer) {
  if (cell.runs == nullptr) return;
  const double sample_s = from.sample_ms * 1e-3;
  const double per_sample = is_peer ? warm_up_lengths(cell.what.what) + 1 : 1;  // a peer starts anew for each
  const double before = is_peer ? 0 : warm_up_lengths(cell.what.what);
  cell.estimate_s = start_seconds(cell, is_peer) + (before + per_sample * from.samples) * sample_s;
  const std::chrono::duration<double> step = step_limit(std::chrono::milliseconds(from.sample_ms));
  constexpr double margin_s = 5;
  cell.timeout_s = step.count() * (from.samples + 1) + margin_s;
}

}  // namespace handoff::bench
