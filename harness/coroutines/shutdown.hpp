// shutdown in coroutines: see harness/scenarios/shutdown.hpp.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/clock.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/shared_logs.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/placement.hpp"
#include "harness/rounds.hpp"
#include "harness/scenarios/shutdown.hpp"
#include "harness/session.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
class shutdown_rounds final : public shutdown_driver {
 public:
  shutdown_rounds(const cell& c, const session_options& options)
      : cell_(c),
        options_(options),
        here_(c.pin, c.consumers + 1),
        log_(1, c.consumers, Queue::traits.order) {}

  [[nodiscard]] temporary_place place() const override { return {here_.where(), 0}; }

  shutdown_outcome round() override {
    auto loop = here_.runtime<runtime>();
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
    if (r.wrong.empty()) r.wrong = run(loop, queue, r);
    r.ended_ns = now_ns();
    log_.settle();
    r.wrong = verdict_or(r.wrong, log_, {shutdown_round_items(cell_)});
    if (r.wrong.empty()) r.wrong = r.wrong_answer;
    if (r.wrong.empty() && r.left.get() != cell_.consumers)
      r.wrong = fmt::format("{} of {} consumers left", r.left.get(), cell_.consumers);
    if (cell_.stop == stop_protocol::close && r.wrong.empty()) r.wrong = accepts_after_close(queue);
    return {.left_ns = static_cast<double>(r.last_left.get() - r.start_ns),
            .ended_ns = static_cast<double>(r.ended_ns - r.start_ns),
            .wrong = r.wrong};
  }

 private:
  using codec = item_codec<typename Queue::value_type>;
  using runtime = typename Queue::runtime_type;

  using marker_source = std::remove_reference_t<producer_handle<Queue>>;

  struct state {
    shared_count left;  // consumers that have left their loops
    shared_count received;
    std::int64_t start_ns = 0;  // the first stop action
    latest_moment last_left;    // when the last consumer left its loop
    std::int64_t ended_ns = 0;  // when the runtime had nothing left to run
    /// One per consumer that hands its marker on, made before the window because a handle may allocate or
    /// register.
    std::deque<kept_handle<producer_handle<Queue>>> sources;
    std::vector<typename runtime::handle> consumers;
    std::mutex mutex;
    std::string wrong_answer;  // guarded by the mutex
    std::string wrong;
  };

  struct meter {
    state& shared;
    marker_source* hand_on;  // null: a marker ends with the consumer that receives it
    stop_protocol protocol;

    static void arrive() noexcept {}
    static constexpr bool must_wait() noexcept { return false; }
    template <class Handle>
    void after_pop(Handle& handle, item_key) {
      shared.received.up();
      if constexpr (counts_done<Queue>)
        if (protocol == stop_protocol::join_cancel) handle.task_done();
    }
    template <class Handle>
    void left(Handle&, op_status status) {
      if (shared.start_ns == 0) expect_success(status, "async_pop");  // nobody has been stopped yet
      if (std::string wrong = wrong_answer(status, protocol); !wrong.empty()) {
        const std::lock_guard lock(shared.mutex);
        shared.wrong_answer = std::move(wrong);
      }
      shared.last_left.note(now_ns());
      shared.left.up();
    }
  };

  /// Returns what the runtime says.
  std::string run(runtime& loop, Queue& queue, state& r) const {
    if constexpr (is_parallel<runtime>()) {
      // Every consumer waits when nothing is left to run, and not before.
      std::string said = run_to_end(loop);
      if (r.received.get() < shutdown_round_items(cell_) || r.left.get() > 0) return said;
    }
    loop.spawn(stop(loop, queue, r));
    return run_to_end(loop);
  }

  /// Waits until the queue is empty and the loop was idle for one pass, then stops the consumers.
  task_of<Queue> stop(runtime& loop, Queue& queue, state& r) const {
    auto&& producer = queue.producer();
    patience<runtime> waiting(options_.stall_limit);
    while (r.received.get() < shutdown_round_items(cell_) && waiting.left(r.received.get()))
      co_await loop.yield();
    if (r.received.get() < shutdown_round_items(cell_)) co_return;
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

  const cell cell_;
  const session_options options_;
  const workplace here_;
  log_of<Queue> log_;
};

}  // namespace handoff::harness::coroutines
