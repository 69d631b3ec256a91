#include "bench/matrix/stage.hpp"

#include <fmt/format.h>

#include <exception>

namespace handoff::bench {

harness::sample stage::take(const planned_cell& planned) {
  harness::sample measured;
  try {
    if (open_ != &planned) {
      clear();
      recorder_.watch(planned);
      if (planned.runs != nullptr)
        session_ =
            planned.runs->open(planned.cell, session_options_of(planned.cell, matrix_, recorder_.seed()));
      open_ = &planned;
    }
    measured = session_ != nullptr ? session_->take() : not_run(planned);
  } catch (const std::exception& error) {
    clear();
    measured = {};
    measured.status = harness::sample_status::crashed;
    measured.detail = fmt::format("an exception left the cell: {}", error.what());
  }
  recorder_.record(planned, measured);
  return measured;
}

void stage::clear() {
  open_ = nullptr;
  session_.reset();
}

void run_cell(const planned_cell& planned, const matrix& matrix, recorder& recorder) {
  stage stage(matrix, recorder);
  for (unsigned i = 0; i < matrix.samples; ++i) {
    stage.take(planned);
    if (!stage.is_open()) return;
  }
}

}  // namespace handoff::bench
