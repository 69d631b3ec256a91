// ping_pong on threads: see harness/scenarios/ping_pong.hpp.
#pragma once

#include <cstdint>
#include <utility>

#include "harness/clock.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/ping_pong.hpp"
#include "harness/threads/erased_queue.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

/// Two threads that stay from game to game; what does not depend on the queue.
class ping_pong_base : public ping_pong_driver {
 public:
  ping_pong_outcome play(std::uint64_t round_trips) final;

 protected:
  struct game {
    /// Called by both threads once they have their handles.
    void begin() noexcept {
      barrier.arrive_and_wait([this] { resources.begin(); });
    }

    const std::uint64_t round_trips;
    start_barrier barrier{2};
    resource_meter resources = {};
    std::int64_t elapsed_ns = 0;    // written by the serving thread
    std::uint64_t wrong_items = 0;  // likewise
  };

  ping_pong_base(const cell& c, queue_maker make) : cell_(c), make_(make), where_(c.pin), team_(2, where_) {}

  virtual void serve(any_queue& there, any_queue& back, game& g) = 0;
  virtual void echo(any_queue& there, any_queue& back, game& g) = 0;

 private:
  const cell cell_;
  const queue_maker make_;
  const placement where_;
  team team_;
};

template <class Queue>
class ping_pong_game final : public ping_pong_base {
 public:
  ping_pong_game(const cell& c, const session_options&) : ping_pong_base(c, &make_queue<Queue>) {}

 private:
  using codec = item_codec<typename Queue::value_type>;
  using erased = erased_queue<Queue>;

  void serve(any_queue& there, any_queue& back, game& g) override {
    auto&& out = erased::inside(there).producer();
    auto&& in = erased::inside(back).consumer();
    g.begin();
    g.elapsed_ns = serve(out, in, g.round_trips, g.wrong_items);
    g.resources.end();
  }

  void echo(any_queue& there, any_queue& back, game& g) override {
    auto&& out = erased::inside(back).producer();
    auto&& in = erased::inside(there).consumer();
    g.begin();
    echo(out, in, g.round_trips);
  }

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
};

}  // namespace handoff::harness::threads
