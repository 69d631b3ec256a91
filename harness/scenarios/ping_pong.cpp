#include "harness/scenarios/ping_pong.hpp"

#include <chrono>
#include <utility>

#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/scenarios/watched_session.hpp"
#include "harness/sizing.hpp"

namespace handoff::harness {

namespace {

class ping_pong_sampler {
 public:
  ping_pong_sampler(const cell& c, const session_options& options, std::unique_ptr<ping_pong_driver> driver)
      : fewest_(fewest_turns(c)), length_(options.sample_length), driver_(std::move(driver)) {}

  std::string warm_up() {
    std::string wrong;
    const auto seconds_of = [&](std::uint64_t round_trips) {
      const ping_pong_outcome played = driver_->play(round_trips);
      wrong = played.wrong;
      return wrong.empty() ? played.seconds : endless_s;
    };
    round_trips_ = find_items(length_, 1, seconds_of, 0, fewest_);
    return wrong;
  }

  sample measure() {
    const ping_pong_outcome played = driver_->play(round_trips_);
    if (!played.wrong.empty()) return corrupt_sample(played.wrong);
    sample s;
    s.clock_ns = clock_cost_ns();
    s.items = 2 * round_trips_;
    s.seconds = played.seconds;
    s.items_per_second = static_cast<double>(*s.items) / *s.seconds;
    s.resources = played.resources;
    return s;
  }

 private:
  const std::uint64_t fewest_;
  const std::chrono::nanoseconds length_;
  const std::unique_ptr<ping_pong_driver> driver_;
  std::uint64_t round_trips_ = 0;
};

}  // namespace

std::unique_ptr<cell_session> open_ping_pong(const cell& c, const session_options& options,
                                             std::unique_ptr<ping_pong_driver> driver) {
  return std::make_unique<watched_session<ping_pong_sampler>>(c, options, std::move(driver));
}

}  // namespace handoff::harness
