// ping_pong: one item goes from one thread to another and back, through two queues.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/resources.hpp"
#include "harness/session.hpp"
#include "harness/sizing.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::threads {

/// `seconds` ÷ `items` of a sample is half a round trip.
template <class Queue>
class ping_pong_session final : public cell_session {
 public:
  ping_pong_session(const cell& c, const session_options& options)
      : cell_(c), name_(name_of(c)), step_limit_(options.step_limit), where_(c.pin), team_(2, where_) {
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

  sample play(std::uint64_t round_trips) {
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
    const resource_usage spent = resources.since();
    if (wrong_items > 0)
      return corrupt_sample(fmt::format("{} of {} items came back wrong", wrong_items, round_trips));
    sample s;
    s.clock_ns = clock_cost_ns();
    s.items = 2 * round_trips;
    s.seconds = static_cast<double>(elapsed_ns) * 1e-9;
    s.items_per_second = static_cast<double>(*s.items) / *s.seconds;
    s.resources = spent;
    return s;
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

  const cell cell_;
  const std::string name_;
  const std::chrono::nanoseconds step_limit_;
  const placement where_;
  team team_;
  std::uint64_t round_trips_ = 0;
  std::string wrong_;
};

}  // namespace handoff::harness::threads
