// `run(loop, work)`: asyncio's `run_until_complete`.
#pragma once

#include <string>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

/// Makes `work` a task, runs passes of the loop until it has ended, and answers its result or throws what it
/// threw. Other tasks run meanwhile; those that have not ended then stay as they are. Throws `deadlock_error`
/// when nothing is ready before the task has ended. Not from inside a task.
template <class T>
T run(event_loop& loop, task<T> work) {
  const task_handle<T> main = create_task(loop, std::move(work));
  while (!main.done()) {
    if (loop.run_pass()) continue;
    throw deadlock_error("nothing is ready to run, and " + std::to_string(loop.pending_tasks()) +
                         " task(s) wait for ever");
  }
  if constexpr (std::is_void_v<T>) {
    main.result();
  } else {
    return std::move(main.result());
  }
}

}  // namespace handoff::async
