// The microbenchmarks of the coroutine runtime: the cost of a task, a timer, a hop, and the end of a wait.
#pragma once

#include <vector>

#include "bench/contenders/backend.hpp"

namespace handoff::bench {

/// micro/async/waiting_task, timers, end_waiters/…, and limit/…: the queue against the bare one.
std::vector<microbenchmark> async_microbenchmarks();

}  // namespace handoff::bench
