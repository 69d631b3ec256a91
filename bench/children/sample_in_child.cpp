#include "bench/children/sample_in_child.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <system_error>

#include "bench/children/child_process.hpp"
#include "bench/frame/errors.hpp"
#include "bench/text/csv.hpp"

namespace handoff::bench {

namespace {

using harness::sample_status;

/// In the child: a line with the status, and the figures or a clause.
std::string answer_of(const std::function<std::vector<double>()>& take) try {
  std::string line(to_string(sample_status::ok));
  for (const double figure : take()) line += " " + plain_decimal(figure);
  return line;
} catch (const wrong_result& wrong) {
  return fmt::format("{} {}", to_string(sample_status::corrupt), one_line(wrong.what()));
} catch (const std::exception& error) {
  return fmt::format("{} it threw an exception: {}", to_string(sample_status::crashed),
                     one_line(error.what()));
} catch (...) {
  return fmt::format("{} it threw something that is no std::exception", to_string(sample_status::crashed));
}

void write_line(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const auto written = ::write(1, rest.data(), rest.size());
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

child_sample read_answer(const std::string& line) {
  const auto end = std::min(line.find(' '), line.size());
  child_sample read;
  const auto status = harness::sample_status_words.value_of(std::string_view(line).substr(0, end));
  if (!status)
    return {{}, sample_status::crashed, fmt::format("it wrote '{}' to its output", one_line(line))};
  read.status = *status;
  if (read.status == sample_status::ok) {
    std::istringstream figures(line.substr(end));
    for (double figure = 0; figures >> figure;) read.figures.push_back(figure);
  } else {
    read.detail = line.substr(std::min(end + 1, line.size()));
  }
  return read;
}

}  // namespace

child_sample sample_in_child(const std::function<std::vector<double>()>& take,
                             std::chrono::milliseconds limit) {
  child_process child([&take] { write_line(answer_of(take)); });
  if (child.start_error() != 0)
    throw run_error("no process for a sample: " + std::generic_category().message(child.start_error()));
  const auto has_line = [](std::string_view output) { return output.find('\n') != output.npos; };
  const auto end = child.read_until(has_line, child_process::clock::now() + limit);
  if (!end) return read_answer(child.take_output('\n'));
  const auto status = end->reason == ending::timed_out ? sample_status::timeout : sample_status::crashed;
  return {{}, status, sentence_about("it", *end, child.last_words(), limit)};
}

std::string failures_of(const std::vector<child_sample>& samples) {
  const auto failed = [](const child_sample& one) { return one.status != sample_status::ok; };
  const auto first = std::find_if(samples.begin(), samples.end(), failed);
  if (first == samples.end()) return {};
  return fmt::format("{} in {} of {} blocks: {}", to_string(first->status),
                     std::count_if(samples.begin(), samples.end(), failed), samples.size(), first->detail);
}

}  // namespace handoff::bench
