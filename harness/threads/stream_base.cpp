#include "harness/threads/stream_base.hpp"

#include <functional>
#include <stdexcept>

#include "harness/abandon.hpp"
#include "harness/busy_work.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

stream_base::stream_base(const cell& c, const session_options& options, queue_maker make,
                         stream_window::clock now)
    : cell_(c),
      turns_producer_(turns_for(c.work_producer_ns)),
      turns_consumer_(turns_for(c.work_consumer_ns)),
      options_(options),
      make_(make),
      now_(now),
      where_(c.pin),
      team_(c.producers + c.consumers, where_),
      publishes_each_(c.consumers > 1 || turns_producer_ != 0 || turns_consumer_ != 0) {}

stream_outcome stream_base::run_as(stream_kind kind, std::uint64_t items, double interval_ns) {
  const auto queue = make_(cell_);
  if (kind == stream_kind::counting && !queue->facts.joins)
    throw std::logic_error("a stream over this queue cannot count what is done");
  // A paced consumer reads the clock at every item, so one more store is negligible.
  stream_state state(cell_, queue->facts.order, pages_, items, interval_ns,
                     publishes_each_ || kind == stream_kind::paced, now_);
  const std::function<void(unsigned)> job = [&](unsigned worker) { work(*queue, kind, state, worker); };
  team_.start(job);
  or_abandon("the coordinator", [&] {
    state.producers_done.acquire();
    await_consumed(
        *queue, team_, [&] { return sum_of(state.window.counts()); }, items, options_.stall_limit);
    state.window.conclude();
    push_markers(*queue, cell_.consumers);
  });
  team_.wait();
  stream_outcome result;
  state.conclude(result);
  return result;
}

}  // namespace handoff::harness::threads
