#include "harness/scenarios/streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "harness/rounds.hpp"
#include "harness/scenarios/watched_session.hpp"
#include "harness/sizing.hpp"

namespace handoff::harness {

std::uint64_t warm_up(any_stream& stream, stream_kind kind, const cell& c, std::chrono::nanoseconds length,
                      std::string& wrong) {
  const auto run_for = [&](std::uint64_t items) {
    const stream_outcome run = stream.run_as(kind, items, 0);
    if (!run.wrong.empty()) wrong = run.wrong;
    return run.wrong.empty() ? run.seconds_an_item() * static_cast<double>(items) : endless_s;
  };
  return find_items(length, c.producers, run_for, work_seconds(c), fewest_items(c));
}

namespace {

class throughput_sampler {
 public:
  throughput_sampler(const cell& c, const session_options& options, std::unique_ptr<any_stream> stream)
      : cell_(c), length_(options.sample_length), stream_(std::move(stream)) {}

  std::string warm_up() {
    std::string wrong;
    items_ = harness::warm_up(*stream_, stream_kind::plain, cell_, length_, wrong);
    return wrong;
  }

  sample measure() { return to_sample(stream_->run_as(stream_kind::plain, items_, 0)); }

 private:
  const cell cell_;
  const std::chrono::nanoseconds length_;
  const std::unique_ptr<any_stream> stream_;
  std::uint64_t items_ = 0;
};

class paced_sampler {
 public:
  paced_sampler(const cell& c, const session_options& options, std::unique_ptr<any_stream> stream)
      : cell_(c), length_(options.sample_length), stream_(std::move(stream)) {}

  std::string warm_up() {
    std::string wrong;
    // A schedule that is always late: the cell's own throughput, including the clock readings of a paced run.
    const std::uint64_t items = harness::warm_up(*stream_, stream_kind::paced, cell_, length_, wrong);
    if (!wrong.empty()) return wrong;
    std::vector<double> rates;
    for (int i = 0; i < runs_for_rate && wrong.empty(); ++i) {
      const stream_outcome run = stream_->run_as(stream_kind::paced, items, 0);
      wrong = run.wrong;
      rates.push_back(run.items_per_second());
    }
    rate_ = cell_.rate.value_or(1) * median(rates);
    const double asked = rate_ * std::chrono::duration<double>(length_).count();
    const double wanted =
        std::max(asked, std::min(static_cast<double>(fewest_turns(cell_)), asked * longest_sample));
    items_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(wanted / cell_.producers))) *
             cell_.producers;
    return wrong;
  }

  sample measure() {
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

 private:
  static constexpr double sustained_share = 0.97;

  const cell cell_;
  const std::chrono::nanoseconds length_;
  const std::unique_ptr<any_stream> stream_;
  double rate_ = 0;  // items per second
  std::uint64_t items_ = 0;
};

}  // namespace

std::unique_ptr<cell_session> open_throughput(const cell& c, const session_options& options,
                                              std::unique_ptr<any_stream> stream) {
  return std::make_unique<watched_session<throughput_sampler>>(c, options, std::move(stream));
}

std::unique_ptr<cell_session> open_paced(const cell& c, const session_options& options,
                                         std::unique_ptr<any_stream> stream) {
  return std::make_unique<watched_session<paced_sampler>>(c, options, std::move(stream));
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
