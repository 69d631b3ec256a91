#include "harness/streaming_sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "harness/rounds.hpp"
#include "harness/sizing.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness {

namespace {

constexpr double sustained_share = 0.97;

}  // namespace

std::uint64_t warm_up(any_stream& stream, stream_kind kind, const cell& c, std::chrono::nanoseconds length,
                      std::string& wrong) {
  const auto run_for = [&](std::uint64_t items) {
    const stream_outcome run = stream.run_as(kind, items, 0);
    if (!run.wrong.empty()) wrong = run.wrong;
    return run.wrong.empty() ? run.seconds_an_item() * static_cast<double>(items) : endless_s;
  };
  return find_items(length, c.producers, run_for, work_seconds(c), fewest_items(c));
}

throughput_session::throughput_session(std::unique_ptr<any_stream> stream, const cell& c,
                                       const session_options& options)
    : name_(name_of(c)), step_limit_(options.step_limit), stream_(std::move(stream)) {
  const watchdog hung(step_limit_, "the warm-up of " + name_);
  items_ = warm_up(*stream_, stream_kind::plain, c, options.sample_length, wrong_);
}

sample throughput_session::take() {
  if (!wrong_.empty()) return corrupt_sample(wrong_);
  const watchdog hung(step_limit_, "a sample of " + name_);
  return to_sample(stream_->run_as(stream_kind::plain, items_, 0));
}

paced_session::paced_session(std::unique_ptr<any_stream> stream, const cell& c,
                             const session_options& options)
    : name_(name_of(c)), step_limit_(options.step_limit), stream_(std::move(stream)) {
  const watchdog hung(step_limit_, "the warm-up of " + name_);
  // A schedule that is always late: the cell's own throughput, including the clock readings of a paced run.
  const std::uint64_t items = warm_up(*stream_, stream_kind::paced, c, options.sample_length, wrong_);
  if (!wrong_.empty()) return;
  std::vector<double> rates;
  for (int i = 0; i < runs_for_rate && wrong_.empty(); ++i) {
    const stream_outcome run = stream_->run_as(stream_kind::paced, items, 0);
    wrong_ = run.wrong;
    rates.push_back(run.items_per_second());
  }
  rate_ = c.rate.value_or(1) * median(rates);
  const double asked = rate_ * std::chrono::duration<double>(options.sample_length).count();
  const double wanted =
      std::max(asked, std::min(static_cast<double>(fewest_turns(c)), asked * longest_sample));
  items_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(wanted / c.producers))) *
           c.producers;
}

sample paced_session::take() {
  if (!wrong_.empty()) return corrupt_sample(wrong_);
  const watchdog hung(step_limit_, "a sample of " + name_);
  const stream_outcome run = stream_->run_as(stream_kind::paced, items_, 1e9 / rate_);
  sample s = to_sample(run);
  if (s.status != sample_status::ok) return s;
  s.rate_items_per_second = rate_;
  s.latency = run.latencies.summary();
  if (run.items_per_second() < sustained_share * rate_) {
    s.status = sample_status::unsustained;
    s.detail = fmt::format("kept {:.1f} % of {:.0f} items/s", 100 * run.items_per_second() / rate_, rate_);
  }
  return s;
}

std::optional<double> task_done_cost_ns(any_stream& stream, std::uint64_t items, std::string& wrong) {
  std::vector<double> differences;
  for (int i = 0; i < counting_pairs; ++i) {
    const stream_outcome without = stream.run_as(stream_kind::plain, items, 0);
    const stream_outcome with = stream.run_as(stream_kind::counting, items, 0);
    if (!without.wrong.empty() || !with.wrong.empty()) {
      wrong = without.wrong.empty() ? with.wrong : without.wrong;
      return std::nullopt;
    }
    differences.push_back((with.seconds_an_item() - without.seconds_an_item()) * 1e9);
  }
  return median(differences);
}

}  // namespace handoff::harness
