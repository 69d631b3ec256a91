#include "bench/run_cell.hpp"

#include <fmt/format.h>

#include <exception>

#include "bench/frame/errors.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

void run_cell(const planned_cell& cell, const matrix& from, recorder& into) {
  into.watch(cell);
  if (cell.runs == nullptr) {
    into.record(cell, not_run(cell));
    return;
  }
  harness::sample measured;
  try {
    const auto session = cell.runs->open(cell.what, session_options_of(cell.what, from, into.seed()));
    for (unsigned i = 0; i + 1 < from.samples; ++i) into.record(cell, session->take());
    measured = session->take();
  } catch (const run_error&) {
    throw;
  } catch (const std::exception& error) {
    measured = {};
    measured.status = harness::sample_status::crashed;
    measured.detail = fmt::format("an exception left the cell: {}", error.what());
  }
  into.record(cell, measured);
}

}  // namespace handoff::bench
