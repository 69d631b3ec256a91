#include "harness/scenarios/join.hpp"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/resources.hpp"
#include "harness/rounds.hpp"
#include "harness/scenarios/watched_session.hpp"

namespace handoff::harness {

namespace {

class join_sampler {
 public:
  join_sampler(const cell& c, const session_options& options, std::unique_ptr<join_driver> driver)
      : cell_(c), length_(options.sample_length), driver_(std::move(driver)) {}

  std::string warm_up() {
    std::string wrong;
    counting_items_ = harness::warm_up(driver_->counting(), stream_kind::plain, cell_,
                                       length_ / counting_runs_per_sample, wrong);
    return wrong;
  }

  sample measure() {
    driver_->begin();
    const resource_meter resources;
    std::vector<double> join_ns;
    const double seconds = repeat_for(length_ / 2, [&] {
      const std::optional<double> round = driver_->round();
      if (round) join_ns.push_back(*round);
      return round.has_value();
    });
    sample s;
    s.resources = resources.since();
    std::string wrong = driver_->end();
    if (wrong.empty()) s.task_done_ns = task_done_cost_ns(driver_->counting(), counting_items_, wrong);
    if (!wrong.empty()) return corrupt_sample(wrong);
    s.clock_ns = clock_cost_ns();
    s.items = join_ns.size() * join_round_share(cell_) * cell_.producers;
    s.seconds = seconds;
    s.join_ns = median(join_ns);
    return s;
  }

 private:
  static constexpr int counting_runs_per_sample = 12;

  const cell cell_;
  const std::chrono::nanoseconds length_;
  const std::unique_ptr<join_driver> driver_;
  std::uint64_t counting_items_ = 0;
};

}  // namespace

std::unique_ptr<cell_session> open_join(const cell& c, const session_options& options,
                                        std::unique_ptr<join_driver> driver) {
  return std::make_unique<watched_session<join_sampler>>(c, options, std::move(driver));
}

}  // namespace handoff::harness
