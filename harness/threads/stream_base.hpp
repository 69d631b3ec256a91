// What the streams over all queues for threads have in common: a run, but for the loops of its workers.
#pragma once

#include <cstdint>

#include "harness/cell.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"
#include "harness/threads/any_queue.hpp"
#include "harness/threads/stream_state.hpp"
#include "harness/threads/team.hpp"

namespace handoff::harness::threads {

class stream_base : public any_stream {
 public:
  stream_outcome run_as(stream_kind kind, std::uint64_t items, double interval_ns) final;

 protected:
  stream_base(const cell& c, const session_options& options, queue_maker make, stream_window::clock now);

  /// The job of one worker. `queue` is one that `make` has made.
  virtual void work(any_queue& queue, stream_kind kind, stream_state& state, unsigned worker) = 0;

  const cell cell_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;

 private:
  const session_options options_;
  const queue_maker make_;
  const stream_window::clock now_;
  const placement where_;
  team team_;
  receipt_pages pages_;
  /// Consumers publish their counts at every item. A lone consumer of a fast queue does so now and then: one
  /// store per item is a thirtieth of its time.
  const bool publishes_each_;
};

}  // namespace handoff::harness::threads
