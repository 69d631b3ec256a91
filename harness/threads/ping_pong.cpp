#include "harness/threads/ping_pong.hpp"

#include <fmt/format.h>

#include <functional>

namespace handoff::harness::threads {

ping_pong_outcome ping_pong_base::play(std::uint64_t round_trips) {
  const auto there = make_(cell_);
  const auto back = make_(cell_);
  game g{.round_trips = round_trips};
  const std::function<void(unsigned)> job = [&](unsigned worker) {
    if (worker == 0)
      serve(*there, *back, g);
    else
      echo(*there, *back, g);
  };
  team_.start(job);
  team_.wait();
  ping_pong_outcome played{
      .seconds = static_cast<double>(g.elapsed_ns) * 1e-9, .wrong = {}, .resources = g.resources.since()};
  if (g.wrong_items > 0)
    played.wrong = fmt::format("{} of {} items came back wrong", g.wrong_items, round_trips);
  return played;
}

}  // namespace handoff::harness::threads
