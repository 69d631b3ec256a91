// ping_pong on threads: see harness/scenarios/ping_pong.hpp.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <utility>

#include "harness/clock.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/ping_pong.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

/// Two threads that stay from game to game.
template <class Queue>
class ping_pong_game final : public ping_pong_driver {
 public:
  ping_pong_game(const cell& c, const session_options&) : cell_(c), where_(c.pin), team_(2, where_) {}

  ping_pong_outcome play(std::uint64_t round_trips) override {
    const auto there = make_queue<Queue>(cell_);
    const auto back = make_queue<Queue>(cell_);
    start_barrier barrier(2);
    std::int64_t elapsed_ns = 0;
    std::uint64_t wrong_items = 0;  // written by the serving thread
    resource_meter resources;
    const std::function<void(unsigned)> job = [&](unsigned worker) {
      auto&& out = (worker == 0 ? *there : *back).producer();
      auto&& in = (worker == 0 ? *back : *there).consumer();
      barrier.arrive_and_wait([&] { resources.begin(); });
      if (worker != 0) return echo(out, in, round_trips);
      elapsed_ns = serve(out, in, round_trips, wrong_items);
      resources.end();
    };
    team_.start(job);
    team_.wait();
    ping_pong_outcome played{
        .seconds = static_cast<double>(elapsed_ns) * 1e-9, .wrong = {}, .resources = resources.since()};
    if (wrong_items > 0)
      played.wrong = fmt::format("{} of {} items came back wrong", wrong_items, round_trips);
    return played;
  }

 private:
  using codec = item_codec<typename Queue::value_type>;

  template <class Out, class In>
  static std::int64_t serve(Out& out, In& in, std::uint64_t round_trips, std::uint64_t& wrong_items) {
    typename Queue::value_type item{};
    const std::int64_t start = now_ns();
    for (std::uint64_t i = 0; i < round_trips; ++i) {
      expect_success(out.push(codec::make(make_key(0, i))), "push");
      expect_success(in.pop(item), "pop");
      if (codec::key(item) != make_key(0, i) || !codec::intact(item)) ++wrong_items;
    }
    return now_ns() - start;
  }

  template <class Out, class In>
  static void echo(Out& out, In& in, std::uint64_t round_trips) {
    typename Queue::value_type item{};
    for (std::uint64_t i = 0; i < round_trips; ++i) {
      expect_success(in.pop(item), "pop");
      expect_success(out.push(std::move(item)), "push");
    }
  }

  const cell cell_;
  const placement where_;
  team team_;
};

}  // namespace handoff::harness::threads
