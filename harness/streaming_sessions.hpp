// throughput and paced: the sessions over a stream, for threads and coroutines alike.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/outcome.hpp"
#include "harness/rounds.hpp"
#include "harness/session.hpp"
#include "harness/sizing.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness {

/// What a stream's producers do before a push, and its consumers after a pop.
enum class stream_kind : unsigned char {
  plain,     ///< nothing: throughput
  counting,  ///< task_done after each item: what counting costs
  paced,     ///< pushes on a schedule, records latencies from the intended time
};

/// The warm-up of every streaming session: finds how many items fill a sample of that kind (of a paced one,
/// on a schedule that is always late). The first run whose work is wrong ends it; its outcome is left in
/// `wrong`.
template <stream_kind Kind = stream_kind::plain, class Stream>
std::uint64_t warm_up(Stream& stream, const cell& c, std::chrono::nanoseconds length, std::string& wrong) {
  const auto run_for = [&](std::uint64_t items) {
    const stream_outcome run = stream.template run<Kind>(items);
    if (!run.wrong.empty()) wrong = run.wrong;
    return run.wrong.empty() ? run.seconds_an_item() * static_cast<double>(items) : endless_s;
  };
  return find_items(length, c.producers, run_for, work_seconds(c), fewest_items(c));
}

template <class Stream>
class throughput_session final : public cell_session {
 public:
  throughput_session(const cell& c, const session_options& options)
      : name_(name_of(c)), step_limit_(options.step_limit), stream_(c, options) {
    const watchdog hung(step_limit_, "the warm-up of " + name_);
    items_ = warm_up(stream_, c, options.sample_length, wrong_);
  }

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(step_limit_, "a sample of " + name_);
    return to_sample(stream_.template run<stream_kind::plain>(items_));
  }

 private:
  const std::string name_;
  const std::chrono::nanoseconds step_limit_;
  Stream stream_;
  std::uint64_t items_ = 0;
  std::string wrong_;
};

/// Open loop at a share of the cell's own throughput, which the session measures first, in its own process.
template <class Stream>
class paced_session final : public cell_session {
 public:
  paced_session(const cell& c, const session_options& options)
      : name_(name_of(c)), step_limit_(options.step_limit), stream_(c, options) {
    const watchdog hung(step_limit_, "the warm-up of " + name_);
    // A schedule that is always late: the cell's own throughput, including the clock readings of a paced run.
    const std::uint64_t items = warm_up<stream_kind::paced>(stream_, c, options.sample_length, wrong_);
    if (!wrong_.empty()) return;
    std::vector<double> rates;
    for (int i = 0; i < runs_for_rate && wrong_.empty(); ++i) {
      const stream_outcome run = stream_.template run<stream_kind::paced>(items, 0);
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

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(step_limit_, "a sample of " + name_);
    const stream_outcome run = stream_.template run<stream_kind::paced>(items_, 1e9 / rate_);
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

 private:
  static constexpr int runs_for_rate = 3;
  static constexpr double sustained_share = 0.97;

  const std::string name_;
  const std::chrono::nanoseconds step_limit_;
  Stream stream_;
  double rate_ = 0;  // items per second
  std::uint64_t items_ = 0;
  std::string wrong_;
};

/// What counting costs per item, in nanoseconds: the median over alternating pairs of the time with task_done
/// minus the time without. `items` should fill a few milliseconds. Empty if a run was wrong, which is then
/// left in `wrong`.
template <class Stream>
std::optional<double> task_done_cost_ns(Stream& stream, std::uint64_t items, std::string& wrong) {
  std::vector<double> differences;
  for (int i = 0; i < counting_pairs; ++i) {
    const stream_outcome without = stream.template run<stream_kind::plain>(items);
    const stream_outcome with = stream.template run<stream_kind::counting>(items);
    if (!without.wrong.empty() || !with.wrong.empty()) {
      wrong = without.wrong.empty() ? with.wrong : without.wrong;
      return std::nullopt;
    }
    differences.push_back((with.seconds_an_item() - without.seconds_an_item()) * 1e9);
  }
  return median(differences);
}

}  // namespace handoff::harness
