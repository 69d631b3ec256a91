// The limits of a wait: what may end it before its event has come.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "queues/contract/concepts.hpp"

namespace handoff::support {

/// Null: nothing ends it.
struct wait_limits {
  const std::stop_token* token = nullptr;
  const deadline_t* deadline = nullptr;

  /// cancelled or timed_out when a limit is reached, else nothing.
  [[nodiscard]] std::optional<op_status> reached() const noexcept {
    if (token != nullptr && token->stop_requested()) return op_status::cancelled;
    if (deadline != nullptr && std::chrono::steady_clock::now() >= *deadline) return op_status::timed_out;
    return std::nullopt;
  }
};

}  // namespace handoff::support
