#include "bench/run_cell.hpp"

#include <fmt/format.h>

#include <exception>

#include "bench/frame/errors.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

void run_cell(const planned_cell& planned, const matrix& matrix, recorder& recorder) {
  recorder.watch(planned);
  if (planned.runs == nullptr) {
    recorder.record(planned, not_run(planned));
    return;
  }
  harness::sample measured;
  try {
    const auto session =
        planned.runs->open(planned.cell, session_options_of(planned.cell, matrix, recorder.seed()));
    for (unsigned i = 0; i + 1 < matrix.samples; ++i) recorder.record(planned, session->take());
    measured = session->take();
  } catch (const run_error&) {
    throw;
  } catch (const std::exception& error) {
    measured = {};
    measured.status = harness::sample_status::crashed;
    measured.detail = fmt::format("an exception left the cell: {}", error.what());
  }
  recorder.record(planned, measured);
}

}  // namespace handoff::bench
