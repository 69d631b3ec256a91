// shutdown: consumers wait on an empty queue; how long does it take from the first stop action until the last
// of them has left its loop, and until nothing of them is left to run?
#pragma once

#include <memory>
#include <string>

#include "harness/cell.hpp"
#include "harness/placement.hpp"
#include "harness/session.hpp"
#include "queues/contract/status.hpp"

namespace handoff::harness {

struct shutdown_outcome {
  double left_ns = 0;   ///< from the first stop action until the last consumer has left its loop
  double ended_ns = 0;  ///< … until the last thread is joined, or the event loop has nothing left to run
  std::string wrong;    ///< empty, or what was wrong
};

/// The consumers of a shutdown, on threads or on a loop. They and the queue are made for each round, before
/// its window. A few items pass through the queue first, which proves that it works and leaves it empty.
class shutdown_driver {
 public:
  shutdown_driver() = default;
  shutdown_driver(const shutdown_driver&) = delete;
  shutdown_driver& operator=(const shutdown_driver&) = delete;
  virtual ~shutdown_driver() = default;

  /// Binds the calling thread, which stops the consumers.
  [[nodiscard]] virtual temporary_place place() const = 0;
  virtual shutdown_outcome round() = 0;
};

/// What is wrong with the answer that a consumer was given when it was stopped by this protocol; empty:
/// nothing.
std::string wrong_answer(op_status answer, stop_protocol protocol);

std::unique_ptr<cell_session> open_shutdown(const cell& c, const session_options& options,
                                            std::unique_ptr<shutdown_driver> driver);

}  // namespace handoff::harness
