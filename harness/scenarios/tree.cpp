#include "harness/scenarios/tree.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/scenarios/watched_session.hpp"

namespace handoff::harness {

namespace {

class tree_sampler {
 public:
  tree_sampler(const cell& c, const session_options& options, std::unique_ptr<tree_driver> driver)
      : name_(c.tree.value()),
        grown_(name_),
        turns_(turns_for(c.work_consumer_ns)),
        length_(options.sample_length),
        workers_(c.consumers),
        driver_(std::move(driver)) {}

  /// A tree that lasts longer than a sample warms everything up while it is measured.
  std::string warm_up() {
    const auto began_ns = now_ns();
    expected_ = grown_.walk(turns_);
    std::string wrong = difference(expected_, facts_of(name_));
    if (!wrong.empty() || std::chrono::nanoseconds(now_ns() - began_ns) > length_) return wrong;
    return driver_->run({grown_, expected_, turns_, {}}).wrong;
  }

  sample measure() {
    const double serial_ns = walk_serially();
    const tree_outcome run = driver_->run({grown_, expected_, turns_, length_});
    if (!run.wrong.empty()) return corrupt_sample(run.wrong);
    const auto nodes = static_cast<double>(expected_.nodes);
    const double total_ns = std::accumulate(run.round_ns.begin(), run.round_ns.end(), 0.0);
    sample s;
    s.resources = run.resources;
    s.clock_ns = clock_cost_ns();
    s.items = expected_.nodes * run.round_ns.size();
    s.seconds = total_ns * 1e-9;
    s.node_ns = median(run.round_ns) / nodes;
    s.serial_node_ns = serial_ns / nodes;
    s.speed_up = serial_ns / median(run.round_ns);
    s.idle_share = idle_share(run.resources, total_ns * 1e-9);
    s.kept_share = static_cast<double>(run.kept) / static_cast<double>(*s.items);
    if (run.steals) enter(*run.steals, s);
    return s;
  }

 private:
  void enter(const steal_counts& counted, sample& s) const {
    s.steals = counted.steals;
    s.steals_empty = counted.empty;
    s.steals_lost = counted.lost;
    s.search_share = static_cast<double>(counted.search_ns) * 1e-9 / (*s.seconds * workers_);
  }

  /// The median time of a walk in this thread. Walks take half as long as the rounds, but one at least.
  double walk_serially() {
    std::vector<double> walk_ns;
    const std::int64_t began_ns = now_ns();
    std::int64_t last_ns = began_ns;
    do {
      expected_ = grown_.walk(turns_);
      const std::int64_t ended_ns = now_ns();
      walk_ns.push_back(static_cast<double>(ended_ns - last_ns));
      last_ns = ended_ns;
    } while (std::chrono::nanoseconds(last_ns - began_ns) < length_ / 2);
    return median(walk_ns);
  }

  [[nodiscard]] double idle_share(const resource_usage& used, double seconds) const {
    const double busy = (used.cpu_user_s + used.cpu_system_s) / (seconds * driver_->cores());
    return std::clamp(1 - busy, 0.0, 1.0);
  }

  const tree_name name_;
  const tree grown_;
  const std::uint64_t turns_;
  const std::chrono::nanoseconds length_;
  const unsigned workers_;
  const std::unique_ptr<tree_driver> driver_;
  tree_tally expected_;
};

}  // namespace

std::unique_ptr<cell_session> open_tree(const cell& c, const session_options& options,
                                        std::unique_ptr<tree_driver> driver) {
  return std::make_unique<watched_session<tree_sampler>>(c, options, std::move(driver));
}

}  // namespace handoff::harness
