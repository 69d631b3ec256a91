// ping_pong in coroutines: see harness/scenarios/ping_pong.hpp.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "harness/clock.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/ping_pong.hpp"

namespace handoff::harness::coroutines {

/// If the cell pins, binds the calling thread for the lifetime of this object.
template <class Queue>
class ping_pong_game final : public ping_pong_driver {
 public:
  ping_pong_game(const cell& c, const session_options&) : here_(c.pin, 2), cell_(c) {}

  ping_pong_outcome play(std::uint64_t round_trips) override {
    auto loop = here_.runtime<typename Queue::runtime_type>();
    Queue there(loop, capacity_of(cell_));
    Queue back(loop, capacity_of(cell_));
    game g{.round_trips = round_trips};
    loop.spawn(touch(there, cell_));
    loop.spawn(touch(back, cell_));
    std::string wrong = run_to_end(loop);
    loop.spawn(echo(there, back, g));
    loop.spawn(serve(there, back, g));
    if (wrong.empty()) wrong = run_to_end(loop);
    ping_pong_outcome played{
        .seconds = static_cast<double>(g.elapsed_ns) * 1e-9, .wrong = {}, .resources = g.resources.since()};
    if (g.completed != round_trips)
      played.wrong = fmt::format("{} of {} items came back: {}", g.completed, round_trips, wrong);
    else if (g.wrong_items > 0)
      played.wrong = fmt::format("{} of {} items came back wrong", g.wrong_items, round_trips);
    return played;
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

  const workplace here_;
  const cell cell_;
};

}  // namespace handoff::harness::coroutines
