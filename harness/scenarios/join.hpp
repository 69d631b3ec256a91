// join: how long after the last item is processed does the waiting thread or task continue? And what does
// counting cost per item?
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/cell.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"

namespace handoff::harness {

/// The workers of a join, on threads or on a loop. All rounds of a sample share a queue.
class join_driver {
 public:
  join_driver() = default;
  join_driver(const join_driver&) = delete;
  join_driver& operator=(const join_driver&) = delete;
  virtual ~join_driver() = default;

  /// Makes the queue of the rounds to come.
  virtual void begin() = 0;
  /// Returns the nanoseconds from the end of the last item's processing until the waiter continued; nothing
  /// if something was wrong.
  virtual std::optional<double> round() = 0;
  /// Judges the rounds, and lets go of the queue. Returns what was wrong, or an empty text.
  virtual std::string end() = 0;

  /// The stream that shows what counting costs.
  virtual any_stream& counting() noexcept = 0;
};

std::unique_ptr<cell_session> open_join(const cell& c, const session_options& options,
                                        std::unique_ptr<join_driver> driver);

}  // namespace handoff::harness
