// shutdown: consumers wait on an empty queue; how long does it take from the first stop action until the last
// of them has left its loop, and until the event loop has nothing left to run?
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/clock.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/rounds.hpp"
#include "harness/session.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::coroutines {

/// Tasks are created for each round, before its window. A few items pass through the queue first, which
/// proves that it works and leaves it empty.
template <class Queue>
class shutdown_session final : public cell_session {
 public:
  shutdown_session(const cell& c, const session_options& options)
      : here_(placement(c.pin), 0),
        cell_(c),
        options_(options),
        name_(name_of(c)),
        log_(1, c.consumers, Queue::traits.order) {
    const watchdog hung(options.step_limit, "the warm-up of " + name_);
    wrong_ = round().wrong;
  }

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(options_.step_limit, "a sample of " + name_);
    std::vector<double> left_ns, ended_ns;
    const resource_meter resources;
    const double seconds = repeat_for(options_.sample_length, [&] {
      const state r = round();
      wrong_ = r.wrong;
      left_ns.push_back(static_cast<double>(r.last_left_ns - r.start_ns));
      ended_ns.push_back(static_cast<double>(r.ended_ns - r.start_ns));
      return wrong_.empty();
    });
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    sample s;
    s.resources = resources.since();
    s.clock_ns = clock_cost_ns();
    s.items = left_ns.size() * shutdown_round_items(cell_);
    s.seconds = seconds;
    s.shutdown_ns = median(left_ns);
    s.threads_joined_ns = median(ended_ns);
    return s;
  }

 private:
  using codec = item_codec<typename Queue::value_type>;
  using runtime = typename Queue::runtime_type;

  using marker_source = std::remove_reference_t<producer_handle<Queue>>;

  struct state {
    unsigned left = 0;  // consumers that have left their loops
    std::uint64_t received = 0;
    std::int64_t start_ns = 0;      // the first stop action
    std::int64_t last_left_ns = 0;  // when the last consumer left its loop
    std::int64_t ended_ns = 0;      // when the event loop had nothing left to run
    std::vector<typename runtime::handle> consumers;
    /// One per consumer that hands its marker on, made before the window because a handle may allocate or
    /// register.
    std::deque<kept_handle<producer_handle<Queue>>> sources;
    std::string wrong;
  };

  state round() {
    runtime loop;
    Queue queue(loop, capacity_of(cell_));
    state r;
    log_.begin(shutdown_round_items(cell_));
    loop.spawn(touch(queue, cell_));
    r.wrong = run_to_end(loop);
    for (unsigned i = 0; i < cell_.consumers; ++i) {
      marker_source* hand_on = nullptr;
      if (cell_.stop == stop_protocol::relay)
        hand_on = &r.sources.emplace_back([&]() -> decltype(auto) { return queue.producer(); }).handle;
      r.consumers.push_back(loop.spawn(consume<Queue>(loop, queue, log_, i, meter{r, hand_on, *cell_.stop})));
    }
    loop.spawn(produce<Queue>(loop, queue, log_, 0, 0, shutdown_round_items(cell_), no_pace{}));
    loop.spawn(stop(loop, queue, r));
    if (r.wrong.empty()) r.wrong = run_to_end(loop);
    r.ended_ns = now_ns();
    log_.settle();
    r.wrong = verdict_or(r.wrong, log_, {shutdown_round_items(cell_)});
    if (r.wrong.empty() && r.left != cell_.consumers)
      r.wrong = fmt::format("{} of {} consumers left", r.left, cell_.consumers);
    if (cell_.stop == stop_protocol::close && r.wrong.empty()) r.wrong = accepts_after_close(queue);
    r.consumers.clear();
    r.sources.clear();
    return r;
  }

  struct meter {
    state& shared;
    marker_source* hand_on;  // null: a marker ends with the consumer that receives it
    stop_protocol protocol;

    static void arrive() noexcept {}
    static constexpr bool must_wait() noexcept { return false; }
    template <class Handle>
    void after_pop(Handle& handle, item_key) {
      ++shared.received;
      if constexpr (counts_done<Queue>)
        if (protocol == stop_protocol::join_cancel) handle.task_done();
    }
    template <class Handle>
    void left(Handle&, op_status status) {
      if (shared.start_ns == 0) expect_success(status, "async_pop");  // nobody has been stopped yet
      const op_status expected = protocol == stop_protocol::close         ? op_status::closed
                                 : protocol == stop_protocol::join_cancel ? op_status::cancelled
                                                                          : op_status::success;
      if (status != expected)
        shared.wrong =
            fmt::format("a stopped consumer was answered {}, not {}", to_string(status), to_string(expected));
      ++shared.left;
      shared.last_left_ns = now_ns();
    }
  };

  /// Waits until the queue is empty and the loop was idle for one pass, then stops the consumers.
  task_of<Queue> stop(runtime& loop, Queue& queue, state& r) const {
    auto&& producer = queue.producer();
    patience waiting;
    while (r.received < shutdown_round_items(cell_) && waiting.left(r.received)) co_await loop.yield();
    if (r.received < shutdown_round_items(cell_)) co_return;
    co_await loop.yield();
    co_await loop.yield();
    std::vector<typename Queue::value_type> markers;  // made before the window
    for (unsigned i = 0; i < markers_to_stop(cell_); ++i) markers.push_back(codec::make(marker_key));
    r.start_ns = now_ns();
    switch (*cell_.stop) {
      case stop_protocol::sentinel:
      case stop_protocol::relay:
        for (auto& marker : markers) {
          const op_status status = co_await producer.async_push(std::move(marker));
          expect_success(status, "async_push of a marker");
        }
        break;
      case stop_protocol::close:
        if constexpr (closable<Queue>) queue.close();
        break;
      case stop_protocol::join_cancel:
        if constexpr (async_joinable<Queue>) co_await queue.async_join();
        for (auto& consumer : r.consumers) loop.cancel(consumer);
        break;
    }
  }

  static std::string accepts_after_close(Queue& queue) {
    if constexpr (try_queue<Queue>) {
      auto&& handle = queue.producer();
      if (const op_status status = handle.try_push(codec::make(make_key(0, 0))); status != op_status::closed)
        return fmt::format("a push after close was answered {}", to_string(status));
    }
    return {};
  }

  const temporary_place here_;
  const cell cell_;
  const session_options options_;
  const std::string name_;
  run_log log_;
  std::string wrong_;
};

}  // namespace handoff::harness::coroutines
