#include "harness/scenarios/shutdown.hpp"

#include <fmt/format.h>

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

class shutdown_sampler {
 public:
  shutdown_sampler(const cell& c, const session_options& options, std::unique_ptr<shutdown_driver> driver)
      : items_per_round_(shutdown_round_items(c)),
        length_(options.sample_length),
        driver_(std::move(driver)) {}

  std::string warm_up() {
    const temporary_place here = driver_->place();
    return driver_->round().wrong;
  }

  sample measure() {
    const temporary_place here = driver_->place();
    std::vector<double> left_ns, ended_ns;
    std::string wrong;
    const resource_meter resources;
    const double seconds = repeat_for(length_, [&] {
      const shutdown_outcome round = driver_->round();
      left_ns.push_back(round.left_ns);
      ended_ns.push_back(round.ended_ns);
      wrong = round.wrong;
      return wrong.empty();
    });
    if (!wrong.empty()) return corrupt_sample(wrong);
    sample s;
    s.resources = resources.since();
    s.clock_ns = clock_cost_ns();
    s.items = left_ns.size() * items_per_round_;
    s.seconds = seconds;
    s.shutdown_ns = median(left_ns);
    s.threads_joined_ns = median(ended_ns);
    return s;
  }

 private:
  const std::uint64_t items_per_round_;
  const std::chrono::nanoseconds length_;
  const std::unique_ptr<shutdown_driver> driver_;
};

}  // namespace

std::string wrong_answer(op_status answer, stop_protocol protocol) {
  const op_status expected = protocol == stop_protocol::close         ? op_status::closed
                             : protocol == stop_protocol::join_cancel ? op_status::cancelled
                                                                      : op_status::success;
  if (answer == expected) return {};
  return fmt::format("a stopped consumer was answered {}, not {}", to_string(answer), to_string(expected));
}

std::unique_ptr<cell_session> open_shutdown(const cell& c, const session_options& options,
                                            std::unique_ptr<shutdown_driver> driver) {
  return std::make_unique<watched_session<shutdown_sampler>>(c, options, std::move(driver));
}

}  // namespace handoff::harness
