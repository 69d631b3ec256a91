#include "bench/skip_reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace handoff::bench {

namespace {

bool is_no_failure(const benchmark::BenchmarkReporter::Run& run) {
  constexpr std::array<std::string_view, 4> truthful{
      "skipped: ", "unavailable: ", "unsustained: ", "no figure: "};
  return run.error_occurred && std::ranges::any_of(truthful, [&](std::string_view prefix) {
           return run.error_message.starts_with(prefix);
         });
}

}  // namespace

bool skip_reporter::ReportContext(const Context& context) {
  name_width_ = context.name_field_width;
  return inner_->ReportContext(context);
}

void skip_reporter::ReportRuns(const std::vector<Run>& runs) {
  if (dynamic_cast<benchmark::ConsoleReporter*>(inner_.get()) == nullptr) {
    inner_->ReportRuns(runs);
    return;
  }
  std::vector<Run> others;
  for (const auto& run : runs) {
    if (is_no_failure(run))
      GetOutputStream() << fmt::format("{:<{}} {}\n", run.benchmark_name(), name_width_, run.error_message)
                        << std::flush;
    else
      others.push_back(run);
  }
  if (!others.empty()) inner_->ReportRuns(others);
}

}  // namespace handoff::bench
