// join: how long after the last item is processed does async_join() resume its waiter? And what does counting
// cost?
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/coroutines/stream.hpp"
#include "harness/rounds.hpp"
#include "harness/session.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
class join_session final : public cell_session {
 public:
  join_session(const cell& c, const session_options& options)
      : cell_(c),
        options_(options),
        name_(name_of(c)),
        stream_(c, options),
        log_(c.producers, c.consumers, Queue::traits.order),
        turns_(turns_for(c.work_consumer_ns)) {
    const watchdog hung(options.step_limit, "the warm-up of " + name_);
    counting_items_ =
        warm_up(stream_, stream_kind::plain, c, options.sample_length / counting_runs_a_sample, wrong_);
  }

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(options_.step_limit, "a sample of " + name_);
    typename Queue::runtime_type loop;
    Queue queue(loop, capacity_of(cell_));
    rounds_state state(cell_);
    log_.begin(join_round_share(cell_) * cell_.producers);
    loop.spawn(touch(queue, cell_));
    state.wrong = run_to_end(loop);
    const resource_meter resources;
    std::vector<double> join_ns;
    const double seconds = repeat_for(options_.sample_length / 2, [&] {
      if (state.wrong.empty()) join_ns.push_back(round(loop, queue, state));
      return state.wrong.empty();
    });
    sample s;
    s.resources = resources.since();
    state.wrong = verdict_or(state.wrong, log_, state.pushed);
    if (state.wrong.empty()) s.task_done_ns = task_done_cost_ns(stream_, counting_items_, state.wrong);
    if (!state.wrong.empty()) return corrupt_sample(state.wrong);
    s.clock_ns = clock_cost_ns();
    s.items = join_ns.size() * join_round_share(cell_) * cell_.producers;
    s.seconds = seconds;
    s.join_ns = median(join_ns);
    return s;
  }

 private:
  static constexpr int counting_runs_a_sample = 12;

  struct rounds_state {
    explicit rounds_state(const cell& c) : pushed(c.producers, 0) {}

    std::vector<std::uint64_t> pushed;  // per producer, all rounds
    std::uint64_t finished = 0;         // items processed, counted before task_done
    std::uint64_t finished_at_join = 0;
    std::int64_t last_ns = 0;  // when the latest of them was finished
    std::int64_t joined_ns = 0;
    unsigned running_producers = 0;
    bool joining = false;
    bool gate_open = false;  // consumers may finish what they popped
    std::string wrong;
  };

  struct pace : no_pace {
    pace(rounds_state& state_, std::uint64_t turns_) noexcept : state(state_), turns(turns_) {}
    rounds_state& state;
    std::uint64_t turns;
    void before_push() const noexcept { work(turns); }
    void end() const noexcept { --state.running_producers; }
  };

  struct meter {
    rounds_state& state;
    std::uint64_t turns;

    static void arrive() noexcept {}
    [[nodiscard]] bool must_wait() const noexcept { return !state.gate_open; }
    template <class Handle>
    void after_pop(Handle& handle, item_key) {
      work(turns);
      ++state.finished;
      state.last_ns = now_ns();
      handle.task_done();
    }
    template <class Handle>
    static void left(Handle& handle, op_status status) {
      expect_success(status, "async_pop");
      handle.task_done();  // the marker
    }
  };

  /// One round; returns the nanoseconds from the end of the last item's processing until the waiter has been
  /// resumed.
  ///
  /// The coordinator holds one item, the ballast, until everything is pushed; otherwise the join could
  /// rightly end at a moment when the consumers have caught up with the producers.
  double round(typename Queue::runtime_type& loop, Queue& queue, rounds_state& state) {
    const std::uint64_t share = join_round_share(cell_);
    const std::uint64_t expected = state.finished + share * cell_.producers;
    state.joining = state.gate_open = false;
    state.running_producers = cell_.producers;
    auto&& ballast = queue.consumer();
    loop.spawn(take_ballast(queue, ballast));
    if (state.wrong = run_to_end(loop); !state.wrong.empty()) return 0;
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
    if (state.wrong.empty() && state.joined_ns < state.last_ns)
      state.wrong = "join returned before the last item was processed";
    return static_cast<double>(state.joined_ns - state.last_ns);
  }

  task_of<Queue> join(typename Queue::runtime_type& loop, Queue& queue, rounds_state& state) const {
    state.joining = true;
    co_await queue.async_join();
    state.joined_ns = now_ns();
    state.finished_at_join = state.finished;
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
  static task_of<Queue> coordinate(typename Queue::runtime_type& loop, Consumer& ballast, rounds_state& state,
                                   bool fits) {
    patience waiting;
    if (fits) {
      while (state.running_producers > 0 && waiting.left(state.finished)) co_await loop.yield();
      ballast.task_done();
    }
    while (!state.joining) co_await loop.yield();
    co_await loop.yield();
    state.gate_open = true;
    if (!fits) {
      while (state.running_producers > 0 && waiting.left(state.finished)) co_await loop.yield();
      state.last_ns = std::max(state.last_ns, now_ns());
      ballast.task_done();
    }
  }

  const cell cell_;
  const session_options options_;
  const std::string name_;
  stream<Queue> stream_;
  run_log log_;
  const std::uint64_t turns_;
  std::uint64_t counting_items_ = 0;
  std::string wrong_;
};

}  // namespace handoff::harness::coroutines
