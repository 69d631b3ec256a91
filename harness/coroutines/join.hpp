// join in coroutines: see harness/scenarios/join.hpp.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/shared_logs.hpp"
#include "harness/coroutines/stream.hpp"
#include "harness/rounds.hpp"
#include "harness/scenarios/join.hpp"
#include "harness/session.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
class join_rounds final : public join_driver {
  struct rounds_state {
    rounds_state(const cell& c, const workplace& here)
        : loop(here.runtime<typename Queue::runtime_type>()),
          queue(loop, capacity_of(c)),
          pushed(c.producers, 0) {
      loop.spawn(touch(queue, c));
      wrong = run_to_end(loop);
    }

    typename Queue::runtime_type loop;
    Queue queue;
    std::vector<std::uint64_t> pushed;  // per producer, all rounds
    shared_count finished;              // items processed, counted before task_done
    std::uint64_t finished_at_join = 0;
    latest_moment last;  // when the latest of them was finished
    std::int64_t joined_ns = 0;
    shared_count running_producers;
    shared_count joining;    // 1: the joiner is about to wait
    shared_count gate_open;  // 1: consumers may finish what they popped
    std::string wrong;
  };

 public:
  join_rounds(const cell& c, const session_options& options)
      : here_(c.pin, c.producers + c.consumers),
        cell_(c),
        options_(options),
        stream_(c, options),
        log_(c.producers, c.consumers, Queue::traits.order),
        turns_(turns_for(c.work_consumer_ns)) {}

  any_stream& counting() noexcept override { return stream_; }

  void begin() override {
    log_.begin(join_round_share(cell_) * cell_.producers);
    state_.emplace(cell_, here_);
  }

  /// The coordinator holds one item, the ballast, until everything is pushed; otherwise the join could
  /// rightly end at a moment when the consumers have caught up with the producers.
  std::optional<double> round() override {
    rounds_state& state = *state_;
    if (!state.wrong.empty()) return std::nullopt;
    auto& loop = state.loop;
    auto& queue = state.queue;
    const std::uint64_t share = join_round_share(cell_);
    const std::uint64_t expected = state.finished.get() + share * cell_.producers;
    state.joining.set(0);
    state.gate_open.set(0);
    state.running_producers.set(cell_.producers);
    auto&& ballast = queue.consumer();
    loop.spawn(take_ballast(queue, ballast));
    if (state.wrong = run_to_end(loop); !state.wrong.empty()) return std::nullopt;
    for (unsigned i = 0; i < cell_.consumers; ++i)
      loop.spawn(consume<Queue>(loop, queue, log_, i, meter{state, turns_}));
    for (unsigned i = 0; i < cell_.producers; ++i)
      loop.spawn(produce<Queue>(loop, queue, log_, i, state.pushed[i], share,
                                pace{state, turns_for(cell_.work_producer_ns)}));
    loop.spawn(join(loop, queue, state));
    loop.spawn(coordinate(loop, ballast, state, capacity_of(cell_) >= share * cell_.producers));
    state.wrong = run_to_end(loop);
    log_.settle();
    for (std::uint64_t& pushed : state.pushed) pushed += share;
    if (state.wrong.empty() && state.finished_at_join < expected)
      state.wrong = fmt::format("join returned with {} items unfinished", expected - state.finished_at_join);
    if (state.wrong.empty() && state.joined_ns < state.last.get())
      state.wrong = "join returned before the last item was processed";
    if (!state.wrong.empty()) return std::nullopt;
    return static_cast<double>(state.joined_ns - state.last.get());
  }

  std::string end() override {
    std::string wrong = verdict_or(state_->wrong, log_, state_->pushed);
    state_.reset();
    return wrong;
  }

 private:
  struct pace : no_pace {
    pace(rounds_state& state_, std::uint64_t turns_) noexcept : state(state_), turns(turns_) {}
    rounds_state& state;
    std::uint64_t turns;
    void before_push() const noexcept { work(turns); }
    void end() const noexcept { state.running_producers.down(); }
  };

  struct meter {
    rounds_state& state;
    std::uint64_t turns;

    static void arrive() noexcept {}
    [[nodiscard]] bool must_wait() const noexcept { return state.gate_open.get() == 0; }
    template <class Handle>
    void after_pop(Handle& handle, item_key) {
      work(turns);
      state.finished.up();
      state.last.note(now_ns());
      handle.task_done();
    }
    template <class Handle>
    static void left(Handle& handle, op_status status) {
      expect_success(status, "async_pop");
      handle.task_done();  // the marker
    }
  };

  task_of<Queue> join(typename Queue::runtime_type& loop, Queue& queue, rounds_state& state) const {
    state.joining.set(1);
    co_await queue.async_join();
    state.joined_ns = now_ns();
    state.finished_at_join = state.finished.get();
    loop.spawn(push_markers(queue, cell_.consumers));
  }

  template <class Consumer>
  static task_of<Queue> take_ballast(Queue& queue, Consumer& ballast) {
    auto&& producer = queue.producer();
    auto item = item_codec<typename Queue::value_type>::make(make_key(0, 0));
    const op_status pushed = co_await producer.async_push(std::move(item));
    expect_success(pushed, "async_push");
    const op_status popped = co_await ballast.async_pop(item);
    expect_success(popped, "async_pop");
  }

  /// Lets the consumers continue one pass after the joiner has begun to wait. If all items of the round fit
  /// into the queue, they are pushed before that; otherwise the ballast may be the last item done.
  template <class Consumer>
  task_of<Queue> coordinate(typename Queue::runtime_type& loop, Consumer& ballast, rounds_state& state,
                            bool fits) const {
    patience<typename Queue::runtime_type> waiting(options_.stall_limit);
    if (fits) {
      while (state.running_producers.get() > 0 && waiting.left(state.finished.get())) co_await loop.yield();
      ballast.task_done();
    }
    while (state.joining.get() == 0) co_await loop.yield();
    co_await loop.yield();
    state.gate_open.set(1);
    if (!fits) {
      while (state.running_producers.get() > 0 && waiting.left(state.finished.get())) co_await loop.yield();
      state.last.note(now_ns());
      ballast.task_done();
    }
  }

  const workplace here_;
  const cell cell_;
  const session_options options_;
  stream<Queue> stream_;
  log_of<Queue> log_;
  std::optional<rounds_state> state_;
  const std::uint64_t turns_;
};

}  // namespace handoff::harness::coroutines
