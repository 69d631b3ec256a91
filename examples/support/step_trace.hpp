// Prints each step of a loop with its three queues, to show how an event loop works.
#pragma once

#include <optional>
#include <string>

#include "queues/async/event_loop.hpp"

namespace handoff::patterns {

/// One block per step, marked by bars so that it stands apart from what the program prints:
///
///     | step 7 at 1 s: consumer goes on
///     |   ready            main
///     |   scheduled        producer in 0.5 s
///     |   waiting for I/O  -
///     |   for another task -
///
/// One that waits for a queue, an event or a task's end is in none of the loop's queues: the task that
/// wakes it makes it ready.
class step_trace final : public async::loop_observer {
 public:
  /// How to read it.
  static void print_legend();

  void step(const async::event_loop& loop, const async::ready_node& node) override;

 private:
  unsigned long steps_ = 0;
  std::optional<async::nanoseconds> start_;  // the loop's time at its first step
};

}  // namespace handoff::patterns
