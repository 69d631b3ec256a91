#include "bench/fork_join/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "bench/fork_join/contenders.hpp"
#include "bench/frame/errors.hpp"
#include "harness/outcome.hpp"

namespace handoff::bench {

void fork_join_table::ReportRuns(const std::vector<Run>& report) {
  for (const Run& run : report) {
    if (run.run_type != Run::RT_Iteration) continue;
    const place& at = places_.at(run.run_name.function_name);
    if (run.error_occurred)
      failure_ = fmt::format("{} on {} threads: {}", at.first, at.second, run.error_message);
    seconds_[at].push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
  }
}

double fork_join_table::median_ns(const place& at, double calls) const {
  return harness::median(seconds_.at(at)) * 1e9 / calls;
}

std::string fork_join_table::text(std::int64_t n) const {
  if (!failure_.empty()) throw run_error(failure_);
  const auto calls = static_cast<double>(fib_calls(n));
  const double serial = median_ns({"serial", 1}, calls);
  std::set<unsigned> counts;
  for (const auto& [at, seconds] : seconds_) counts.insert(at.second);

  std::string table =
      fmt::format("{:<20} {:>7} {:>9} {:>9} {:>10} {:>11}\n", "fib(" + std::to_string(n) + ")", "threads",
                  "ns/call", "/ serial", "/ executor", "repetitions");
  for (const unsigned threads : counts)
    for (const fork_join_contender& contender : fork_join_contenders()) {
      const place at{std::string(contender.name), threads};
      if (!seconds_.contains(at)) continue;
      const double ns = median_ns(at, calls);
      const place ours{"stealing_executor", threads};
      const std::string to_ours =
          seconds_.contains(ours) ? fmt::format("{:.2f}", ns / median_ns(ours, calls)) : "-";
      table += fmt::format("{:<20} {:>7} {:>9.2f} {:>9.2f} {:>10} {:>11}\n", at.first, threads, ns,
                           ns / serial, to_ours, seconds_.at(at).size());
    }
  return table;
}

}  // namespace handoff::bench
