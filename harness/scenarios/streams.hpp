// throughput and paced: the sessions over a stream, for threads and coroutines alike. They are compiled once:
// a virtual call per run is all that they cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/cell.hpp"
#include "harness/outcome.hpp"
#include "harness/session.hpp"

namespace handoff::harness {

/// The actions of a stream's producers before a push, and of its consumers after a pop.
enum class stream_kind : unsigned char {
  plain,     ///< nothing: throughput
  counting,  ///< task_done after each item: what counting costs
  paced,     ///< pushes on a schedule, records latencies from the intended time
};

/// A stream over some queue.
class any_stream {
 public:
  any_stream() = default;
  any_stream(const any_stream&) = delete;
  any_stream& operator=(const any_stream&) = delete;
  virtual ~any_stream() = default;

  /// Streams `items`, a multiple of the number of producers, through a fresh queue. `interval_ns`: between
  /// the intended send times of a paced stream. Throws std::logic_error if it should count and the queue
  /// cannot.
  virtual stream_outcome run_as(stream_kind kind, std::uint64_t items, double interval_ns) = 0;
};

/// The warm-up of every streaming session: finds how many items fill a sample of that kind (of a paced one,
/// on a schedule that is always late). The first run whose work is wrong ends it; its outcome is left in
/// `wrong`.
std::uint64_t warm_up(any_stream& stream, stream_kind kind, const cell& c, std::chrono::nanoseconds length,
                      std::string& wrong);

std::unique_ptr<cell_session> open_throughput(const cell& c, const session_options& options,
                                              std::unique_ptr<any_stream> stream);

/// Open loop at a share of the cell's own throughput, which the session measures first, in its own process.
std::unique_ptr<cell_session> open_paced(const cell& c, const session_options& options,
                                         std::unique_ptr<any_stream> stream);

/// The cost of counting per item, in nanoseconds: the median over alternating pairs of the time with
/// task_done minus the time without. `items` should fill a few milliseconds. Empty if a run was wrong, which
/// is then left in `wrong`.
std::optional<double> task_done_cost_ns(any_stream& stream, std::uint64_t items, std::string& wrong);

}  // namespace handoff::harness
