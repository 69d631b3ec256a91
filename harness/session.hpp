// The only door between the bench program and the measured code: a cell is opened once (workers are created
// and warmed up, the number of items is found) and then asked for samples.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/cell.hpp"
#include "harness/sample.hpp"

namespace handoff::harness {

struct session_options {
  std::chrono::nanoseconds sample_length = std::chrono::milliseconds{50};  ///< target length of one sample
  std::uint64_t seed = 0;                                                  ///< the run's; passed to peers
  /// If counts stand still for this long and no worker could move, items were lost or slept through.
  std::chrono::nanoseconds stall_limit = std::chrono::seconds{5};
  /// A step of a cell (its warm-up, one sample) that takes longer is hung.
  std::chrono::nanoseconds step_limit = std::chrono::seconds{30};
  /// A proof run (harness/threads/order_proof.hpp) pushes at most a few items after this time.
  std::chrono::nanoseconds proof_limit = std::chrono::milliseconds{8};
};

/// One opened cell. Not thread-safe: one thread opens it, takes samples, and closes it.
class cell_session {
 public:
  cell_session() = default;
  cell_session(const cell_session&) = delete;
  cell_session& operator=(const cell_session&) = delete;
  virtual ~cell_session() = default;

  /// Takes one sample, whose work is verified inside. The status is ok, corrupt or unsustained. Does not
  /// return if the queue hangs: the watchdog (harness/watchdog.hpp) then ends the process.
  virtual sample take() = 0;
};

/// A backend with a wait, type-erased: one indirect call per cell, none per item of a stream.
struct contender {
  wait_kind wait;
  /// Why this contender cannot run the cell ("not closable"), or nothing if it can.
  std::function<std::optional<std::string>(const cell&)> why_not;
  std::function<std::unique_ptr<cell_session>(const cell&, const session_options&)> open;
};

}  // namespace handoff::harness
