#include "bench/rows/recorder.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <exception>
#include <utility>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/text/csv.hpp"
#include "harness/abandon.hpp"

namespace handoff::bench {

using harness::sample;
using harness::sample_status;

bool is_failure(sample_status status) noexcept {
  return status == sample_status::corrupt || status == sample_status::crashed ||
         status == sample_status::timeout;
}

recorder::recorder(row_origin origin, const std::optional<std::filesystem::path>& file, destination otherwise)
    : origin_(std::move(origin)), otherwise_(otherwise) {
  if (file) file_.emplace(*file);
}

recorder::~recorder() { harness::on_abandon(nullptr); }

void recorder::record(const planned_cell& cell, const sample& measured) {
  if (is_failure(measured.status)) {
    failed_ = true;
    tell(cell.name, fmt::format("{}: {}", to_string(measured.status), one_line(measured.detail)));
  }
  origin_.sample = ++taken_[cell.name];
  const std::string row = sample_row(origin_, cell, measured);
  if (file_) {
    file_->append(row);
  } else if (otherwise_ == destination::standard_output) {
    if (!std::exchange(header_printed_, true)) print_out(samples_header());
    print_out(row);
    flush_out();
  }
}

void recorder::watch(const planned_cell& cell) {
  harness::on_abandon([this, &cell](const sample& given_up) {
    try {
      record(cell, given_up);
    } catch (const unwritten_row& error) {
      tell("handoff-bench", error.what());
      ::_exit(3);  // as main would: the row of an abandoned cell is not written either
    } catch (const std::exception& error) {
      tell("handoff-bench", error.what());
    }
  });
}

sample not_run(const planned_cell& cell) {
  sample made;
  made.status = cell.status;
  made.detail = cell.detail;
  return made;
}

}  // namespace handoff::bench
