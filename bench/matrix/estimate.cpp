#include "bench/matrix/estimate.hpp"

#include <algorithm>

#include "bench/contenders/catalog.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/rows/planned_cell.hpp"
#include "harness/sizing.hpp"

namespace handoff::bench {

namespace {

std::chrono::nanoseconds nanoseconds_of(double seconds) {
  return std::chrono::round<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

/// Work per item, shared among the workers.
double seconds_an_item(const harness::cell& c) {
  return (static_cast<double>(c.work_producer_ns) / c.producers +
          static_cast<double>(c.work_consumer_ns) / c.consumers) *
         1e-9;
}

/// Work of the fewest items that a sample can hold.
double least_work_s(const harness::cell& c) {
  const auto least_items = harness::facts_of(c.scenario).least_items;
  return least_items != nullptr ? least_items(c) * harness::work_seconds(c) : 0;
}

/// What the fewest items may take beside their work.
double least_queue_s(const harness::cell& c) {
  const auto& facts = harness::facts_of(c.scenario);
  return facts.typical_item_s > 0 ? facts.least_items(c) * facts.typical_item_s : 0;
}

/// How long a sample lasts: as long as requested, or longer if its fewest items take longer or their work
/// does, shared among the workers.
double sample_seconds(const harness::cell& c, double asked_s) {
  const double work_s = harness::work_seconds(c);
  asked_s = std::max(asked_s, least_queue_s(c));
  if (work_s <= 0) return asked_s;
  const double fewest_s = harness::facts_of(c.scenario).streams
                              ? static_cast<double>(harness::fewest_items(c)) * seconds_an_item(c)
                              : 0;
  return std::max({asked_s, least_work_s(c) / work_s * seconds_an_item(c),
                   std::min(fewest_s, harness::longest_sample * asked_s)});
}

/// Time until a cell measures anything: the start of its process, if no other cell shares it, and the fewest
/// items that a warm-up tries.
double start_seconds(const planned_cell& planned, double sample_s, bool is_peer, bool shares_process) {
  constexpr double interpreter_s = 0.09;
  const double program_s = shares_process ? 0 : 0.012;
  const double items = std::max<double>(
      harness::first_items_tried(nanoseconds_of(sample_s), harness::work_seconds(planned.cell)),
      planned.cell.producers);
  return program_s + (is_peer ? interpreter_s : 0) + items * seconds_an_item(planned.cell);
}

}  // namespace

std::chrono::milliseconds step_limit(const harness::cell& cell, std::chrono::nanoseconds sample_length) {
  // The longest step is the first of a peer in `paced`: a run that finds the number of items, those for the
  // rate, and the sample.
  constexpr double runs_of_a_step = 1 + harness::runs_for_rate + 1;
  constexpr double patience = 20;
  const std::chrono::duration<double> work(runs_of_a_step * least_work_s(cell) +
                                           patience * least_queue_s(cell));
  return std::chrono::seconds(30) +
         std::chrono::ceil<std::chrono::milliseconds>(patience * sample_length + work);
}

void estimate(planned_cell& planned, const matrix& matrix, const bench::backend& backend) {
  if (planned.runs == nullptr) return;
  const bool is_peer = backend.is_peer();
  const double warm_up_lengths = harness::facts_of(planned.cell.scenario).warm_up_lengths;
  const bool proves = !is_peer && backend.traits.guarantee != progress::single_threaded &&
                      harness::needs_order_proof(planned.cell, backend.traits.order);
  const double sample_s = sample_seconds(planned.cell, matrix.sample_ms * 1e-3);
  constexpr double proof_s = 0.01;
  planned.estimate_s = start_seconds(planned, matrix.sample_ms * 1e-3, is_peer, matrix.rounds.has_value()) +
                       (proves ? proof_s : 0) +
                       (warm_up_lengths + matrix.rounds.value_or(matrix.samples)) * sample_s;
  const std::chrono::duration<double> step =
      step_limit(planned.cell, std::chrono::milliseconds(matrix.sample_ms));
  constexpr double margin_s = 5;
  // Of one that takes part in rounds: until its first. A launch ends a step that hangs by itself.
  planned.timeout_s = step.count() * ((matrix.rounds ? 1 : matrix.samples) + (proves ? 2 : 1)) + margin_s;
}

}  // namespace handoff::bench
