// The limits of a wait in broken_queue, with the faults that concern them.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "queues/contract/concepts.hpp"
#include "tests/conformance/broken/fault.hpp"

namespace handoff::conformance::broken {

struct limits {
  const std::stop_token* token = nullptr;
  const deadline_t* deadline = nullptr;

  [[nodiscard]] bool stopped() const noexcept { return token != nullptr && token->stop_requested(); }
  [[nodiscard]] bool late() const noexcept {
    if (deadline == nullptr) return false;
    auto now = std::chrono::steady_clock::now();
    if (is(fault::keeps_deadlines_a_second_late)) now -= std::chrono::seconds{1};
    if (is(fault::times_out_early)) return true;
    if (is(fault::overflows_a_deadline)) return doubled(*deadline) <= doubled(now);
    return now >= *deadline;
  }

 private:
  /// What careless arithmetic makes of the end of time: a moment before the beginning.
  static std::int64_t doubled(deadline_t moment) noexcept {
    return static_cast<std::int64_t>(2 * static_cast<std::uint64_t>(moment.time_since_epoch().count()));
  }
};

}  // namespace handoff::conformance::broken
