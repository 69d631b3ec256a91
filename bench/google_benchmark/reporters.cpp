#include "bench/google_benchmark/reporters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "bench/frame/errors.hpp"
#include "bench/google_benchmark/benchmark_flags.hpp"

namespace handoff::bench {

namespace {

bool is_no_failure(const benchmark::BenchmarkReporter::Run& run) {
  constexpr std::array<std::string_view, 4> truthful{
      "skipped: ", "unavailable: ", "unsustained: ", "no figure: "};
  return run.error_occurred && std::ranges::any_of(truthful, [&](std::string_view prefix) {
           return run.error_message.starts_with(prefix);
         });
}

using reporter_ptr = std::unique_ptr<benchmark::BenchmarkReporter>;

// Deprecated in favour of converting the JSON; the flag stays as long as the library has it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
reporter_ptr library_csv() { return std::make_unique<benchmark::CSVReporter>(); }
#pragma GCC diagnostic pop

reporter_ptr reporter_of(const std::string& format) {
  if (format == "csv") return std::make_unique<csv_reporter>();
  if (format == "console")
    return std::make_unique<benchmark::ConsoleReporter>(benchmark::ConsoleReporter::OO_None);
  return std::make_unique<benchmark::JSONReporter>();
}

/// Forwards everything, and keeps whether the stream took it: the library closes the file before anyone can
/// ask.
class checked_reporter : public benchmark::BenchmarkReporter {
 public:
  checked_reporter(reporter_ptr inner, bool& written) : inner_(std::move(inner)), written_(written) {}

  bool ReportContext(const Context& context) override {
    inner_->SetOutputStream(&GetOutputStream());
    inner_->SetErrorStream(&GetErrorStream());
    return inner_->ReportContext(context);
  }
  void ReportRuns(const std::vector<Run>& runs) override { inner_->ReportRuns(runs); }
  void Finalize() override {
    inner_->Finalize();
    written_ = GetOutputStream().flush().good();
  }

 private:
  reporter_ptr inner_;
  bool& written_;
};

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

csv_reporter::csv_reporter() : inner_(library_csv()) {}

csv_reporter::~csv_reporter() = default;

bool csv_reporter::ReportContext(const Context& context) {
  inner_->SetOutputStream(&GetOutputStream());
  inner_->SetErrorStream(&GetErrorStream());
  return inner_->ReportContext(context);
}

void csv_reporter::ReportRuns(const std::vector<Run>& runs) {
  all_.insert(all_.end(), runs.begin(), runs.end());
}

void csv_reporter::Finalize() {
  inner_->ReportRuns(all_);
  inner_->Finalize();
}

std::unique_ptr<benchmark::BenchmarkReporter> display_reporter(const std::vector<std::string>& flags) {
  if (benchmark_flag(flags, "format") == "csv") return std::make_unique<csv_reporter>();
  return std::make_unique<skip_reporter>();
}

file_report::file_report(const std::vector<std::string>& flags) : path_(benchmark_flag(flags, "out")) {
  if (path_.empty()) return;
  if (!std::ofstream(path_, std::ios::app).is_open())
    throw run_error(
        fmt::format("cannot write results to {}: {}", path_, std::generic_category().message(errno)));
  auto inner = reporter_of(benchmark_flag(flags, "out_format"));
  reporter_ = std::make_unique<checked_reporter>(std::move(inner), written_);
}

void file_report::check() const {
  if (!written_) throw run_error(fmt::format("cannot write all results to {}: is the disk full?", path_));
}

}  // namespace handoff::bench
