// ping_pong: one item goes from one worker to another and back, through two queues.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/cell.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::harness {

struct ping_pong_outcome {
  double seconds = 0;
  std::string wrong;  ///< empty, or what came back wrong
  resource_usage resources;
};

/// Two workers, on threads or on a loop.
class ping_pong_driver {
 public:
  ping_pong_driver() = default;
  ping_pong_driver(const ping_pong_driver&) = delete;
  ping_pong_driver& operator=(const ping_pong_driver&) = delete;
  virtual ~ping_pong_driver() = default;

  /// Plays through fresh queues.
  virtual ping_pong_outcome play(std::uint64_t round_trips) = 0;
};

/// `seconds` ÷ `items` of a sample is half a round trip.
std::unique_ptr<cell_session> open_ping_pong(const cell& c, const session_options& options,
                                             std::unique_ptr<ping_pong_driver> driver);

}  // namespace handoff::harness
