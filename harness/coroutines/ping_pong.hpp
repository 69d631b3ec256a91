// ping_pong: one item goes from one coroutine to another and back, through two queues.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "harness/clock.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/session.hpp"
#include "harness/sizing.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::coroutines {

/// `seconds` ÷ `items` of a sample is half a round trip.
template <class Queue>
class ping_pong_session final : public cell_session {
 public:
  ping_pong_session(const cell& c, const session_options& options)
      : here_(placement(c.pin), 0), cell_(c), name_(name_of(c)), step_limit_(options.step_limit) {
    const watchdog hung(step_limit_, "the warm-up of " + name_);
    const auto seconds_of = [&](std::uint64_t n) {
      const sample s = play(n);
      if (s.status != sample_status::ok) wrong_ = s.detail;
      return s.seconds.value_or(endless_s);
    };
    round_trips_ = find_items(options.sample_length, 1, seconds_of, 0, fewest_turns(c));
  }

  sample take() override {
    if (!wrong_.empty()) return corrupt_sample(wrong_);
    const watchdog hung(step_limit_, "a sample of " + name_);
    return play(round_trips_);
  }

 private:
  using codec = item_codec<typename Queue::value_type>;

  struct game {
    std::uint64_t round_trips;
    std::uint64_t completed = 0;
    std::uint64_t wrong_items = 0;
    std::int64_t elapsed_ns = 0;
    resource_meter resources = {};
  };

  sample play(std::uint64_t round_trips) const {
    typename Queue::runtime_type loop;
    Queue there(loop, capacity_of(cell_));
    Queue back(loop, capacity_of(cell_));
    game g{.round_trips = round_trips};
    loop.spawn(touch(there, cell_));
    loop.spawn(touch(back, cell_));
    std::string wrong = run_to_end(loop);
    loop.spawn(echo(there, back, g));
    loop.spawn(serve(there, back, g));
    if (wrong.empty()) wrong = run_to_end(loop);
    if (g.completed != round_trips)
      return corrupt_sample(fmt::format("{} of {} items came back: {}", g.completed, round_trips, wrong));
    if (g.wrong_items > 0)
      return corrupt_sample(fmt::format("{} of {} items came back wrong", g.wrong_items, round_trips));
    sample s;
    s.clock_ns = clock_cost_ns();
    s.items = 2 * round_trips;
    s.seconds = static_cast<double>(g.elapsed_ns) * 1e-9;
    s.items_per_second = static_cast<double>(*s.items) / *s.seconds;
    s.resources = g.resources.since();
    return s;
  }

  static task_of<Queue> serve(Queue& there, Queue& back, game& g) {
    auto&& out = there.producer();
    auto&& in = back.consumer();
    typename Queue::value_type item{};
    g.resources.begin();
    const std::int64_t start = now_ns();
    for (; g.completed < g.round_trips; ++g.completed) {
      item = codec::make(make_key(0, g.completed));
      const op_status pushed = co_await out.async_push(std::move(item));
      expect_success(pushed, "async_push");
      const op_status popped = co_await in.async_pop(item);
      expect_success(popped, "async_pop");
      if (codec::key(item) != make_key(0, g.completed) || !codec::intact(item)) ++g.wrong_items;
    }
    g.elapsed_ns = now_ns() - start;
    g.resources.end();
  }

  static task_of<Queue> echo(Queue& there, Queue& back, game& g) {
    auto&& in = there.consumer();
    auto&& out = back.producer();
    typename Queue::value_type item{};
    for (std::uint64_t i = 0; i < g.round_trips; ++i) {
      const op_status popped = co_await in.async_pop(item);
      expect_success(popped, "async_pop");
      const op_status pushed = co_await out.async_push(std::move(item));
      expect_success(pushed, "async_push");
    }
  }

  const temporary_place here_;
  const cell cell_;
  const std::string name_;
  const std::chrono::nanoseconds step_limit_;
  std::uint64_t round_trips_ = 0;
  std::string wrong_;
};

}  // namespace handoff::harness::coroutines
