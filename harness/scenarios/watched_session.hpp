// The session of any scenario: what a sample holds differs, how it is opened, watched and given up does not.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "harness/outcome.hpp"
#include "harness/session.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness {

/// A `Sampler` is made from the cell, the options and its driver, which has the workers. `warm_up()` returns
/// what was wrong, or an empty text; only if nothing was, samples are taken: `measure()`.
template <class Sampler>
class watched_session final : public cell_session {
 public:
  template <class Driver>
  watched_session(const cell& c, const session_options& options, std::unique_ptr<Driver> driver)
      : name_(name_of(c)), step_limit_(options.step_limit), sampler_(c, options, std::move(driver)) {
    const watchdog hung(step_limit_, "the warm-up of " + name_);
    wrong_ = sampler_.warm_up();
  }

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(step_limit_, "a sample of " + name_);
    return sampler_.measure();
  }

 private:
  const std::string name_;
  const std::chrono::nanoseconds step_limit_;
  Sampler sampler_;
  std::string wrong_;
};

}  // namespace handoff::harness
