// The one door between the bench program and the measured code: a cell is opened once (workers created,
// warmed up, the number of items found) and then asked for samples.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/cell.hpp"
#include "harness/sample.hpp"

namespace handoff::harness {

struct session_options {
  std::chrono::nanoseconds sample_length = std::chrono::milliseconds{50};  ///< what one sample aims at
  std::uint64_t seed = 0;                                                  ///< of the run; peers are given it
  /// Counts that stand still for so long mean that items were lost or slept through.
  std::chrono::nanoseconds stall_limit = std::chrono::seconds{5};
  /// A step of a cell (its warm-up, one sample) that takes longer is hung.
  std::chrono::nanoseconds step_limit = std::chrono::seconds{30};
  /// A proof run (harness/threads/order_proof.hpp) pushes no more than a few items after that time.
  std::chrono::nanoseconds proof_limit = std::chrono::milliseconds{8};
};

/// One opened cell. Not thread-safe: one thread opens it, takes samples, and closes it.
class cell_session {
 public:
  cell_session() = default;
  cell_session(const cell_session&) = delete;
  cell_session& operator=(const cell_session&) = delete;
  virtual ~cell_session() = default;

  /// Takes one sample; its work is verified inside. Status is ok, corrupt or unsustained. Does not return
  /// where the queue hangs: the watchdog (harness/watchdog.hpp) ends the process then.
  virtual sample take() = 0;
};

/// A backend with a wait, type-erased: one indirect call a cell, none an operation.
struct contender_entry {
  wait_kind wait;
  /// Why this contender cannot run the cell ("not closable"), or nothing where it can.
  std::optional<std::string> (*why_not)(const cell&);
  std::unique_ptr<cell_session> (*open)(const cell&, const session_options&);
};

}  // namespace handoff::harness
