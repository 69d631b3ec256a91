#include "bench/matrix/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "harness/placement.hpp"

namespace handoff::bench {

using harness::sample;
using harness::sample_status;

namespace {

/// Restores the place of this thread at the end of the scope.
harness::temporary_place kept_place() { return {harness::placement(harness::pinning::none), 0}; }

}  // namespace

sample stage::or_crashed(const planned_cell& planned, const std::function<sample()>& attempt) {
  try {
    return attempt();
  } catch (const std::exception& error) {
    sessions_.erase(&planned);
    sample made;
    made.status = sample_status::crashed;
    made.detail = fmt::format("an exception left the cell: {}", error.what());
    return made;
  }
}

void stage::ensure_open(const planned_cell& planned) {
  recorder_.watch(planned);
  if (is_open(planned)) return;
  if (holds_ == holds::one) clear();
  if (planned.runs == nullptr) return;
  const harness::temporary_place own = kept_place();
  opened made{planned.runs->open(planned.cell, session_options_of(planned.cell, matrix_, recorder_.seed()))};
  ::sched_getaffinity(0, sizeof made.place, &made.place);
  sessions_[&planned] = std::move(made);
}

bool stage::open(const planned_cell& planned) {
  const sample failed = or_crashed(planned, [&] {
    ensure_open(planned);
    return sample();
  });
  if (failed.status == sample_status::ok) return true;
  recorder_.record(planned, failed);
  return false;
}

sample stage::take(const planned_cell& planned) {
  sample measured = or_crashed(planned, [&] {
    ensure_open(planned);
    if (!is_open(planned)) return not_run(planned);
    const harness::temporary_place own = kept_place();
    opened& with = sessions_[&planned];
    ::sched_setaffinity(0, sizeof with.place, &with.place);
    return with.session->take();
  });
  recorder_.record(planned, measured);
  return measured;
}

void run_launch(const std::vector<planned_cell>& cells, const matrix& matrix, recorder& recorder,
                const std::function<void(const std::string&)>& at_work) {
  stage stage(matrix, recorder, stage::holds::all);
  const auto working = [&](const planned_cell& cell) {
    if (at_work) at_work(cell.name);
  };
  std::vector<const planned_cell*> taking_part;
  for (const planned_cell& cell : cells) {
    working(cell);
    if (stage.open(cell)) taking_part.push_back(&cell);
  }
  std::mt19937_64 random(recorder.seed());
  for (unsigned round = 0; round < matrix.rounds.value_or(matrix.samples); ++round) {
    std::ranges::shuffle(taking_part, random);
    std::erase_if(taking_part, [&](const planned_cell* cell) {
      working(*cell);
      const bool failed = is_failure(stage.take(*cell).status);
      return !stage.is_open(*cell) || (matrix.rounds && failed);
    });
  }
  for (const planned_cell& cell : cells) {
    working(cell);
    stage.close(cell);
  }
}

}  // namespace handoff::bench
