#include "examples/support/step_trace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <unordered_set>
#include <vector>

namespace handoff::patterns {

namespace {

using async::event_loop;
using async::ready_node;
using async::task_state;

/// Null: a plain function, which belongs to no task.
const task_state* task_behind(const ready_node& node) {
  if (async::callback::is_behind(node)) return nullptr;
  if (task_state::is_behind(node)) return &static_cast<const task_state&>(node);
  return &static_cast<const async::waiter&>(node).task();
}

std::string what_happens(const ready_node& node) {
  const task_state* const task = task_behind(node);
  if (task == nullptr) return "a callback runs: a gather hears that a task has ended";
  const bool first = task_state::is_behind(node);
  if (task->must_cancel())
    return fmt::format("{} is cancelled{}", task->name(), first ? " before it began" : "");
  return fmt::format("{} {}", task->name(), first ? "begins" : "goes on");
}

/// To the millisecond.
std::string seconds(async::nanoseconds span) {
  const auto rounded = std::chrono::round<std::chrono::milliseconds>(span);
  return fmt::format("{:g} s", std::chrono::duration<double>(rounded).count());
}

/// The tasks of a loop, sorted by what they wait for.
class queues_of {
 public:
  queues_of(const event_loop& loop, const ready_node& running) {
    note(task_behind(running));
    loop.ready().for_each([this](const ready_node& node) {
      const task_state* const task = task_behind(node);
      ready_.push_back(task == nullptr ? "a callback" : note(task));
    });
    loop.timers().for_each([&](async::nanoseconds when, const async::timer& one) {
      if (one.whose() == nullptr) return;
      const auto left = std::max(when - loop.time(), async::nanoseconds::zero());
      const std::string due = when == async::never ? "never" : "in " + seconds(left);
      scheduled_.push_back(fmt::format("{} {}", note(one.whose()), due));
    });
    loop.io().for_each([this](int fd, async::io_side side, const async::io_watch& watch) {
      if (watch.whose() == nullptr) return;  // the loop's own, for SIGINT
      const char* const what = side == async::io_side::read ? "reads" : "writes";
      io_.push_back(fmt::format("{} ({} descriptor {})", note(watch.whose()), what, fd));
    });
    loop.for_each_task([this](const task_state& task) {
      if (!seen_.contains(&task)) elsewhere_.push_back(task.name());
    });
  }

  std::string lines() const {
    return fmt::format(
        "|   ready            {}\n"
        "|   scheduled        {}\n"
        "|   waiting for I/O  {}\n"
        "|   for another task {}\n",
        listed(ready_), listed(scheduled_), listed(io_), listed(elsewhere_));
  }

 private:
  using names = std::vector<std::string>;

  static std::string listed(const names& all) {
    return all.empty() ? "-" : fmt::format("{}", fmt::join(all, ", "));
  }

  std::string note(const task_state* task) {
    if (task == nullptr) return {};
    seen_.insert(task);
    return task->name();
  }

  std::unordered_set<const task_state*> seen_;
  names ready_, scheduled_, io_, elsewhere_;
};

}  // namespace

void step_trace::print_legend() {
  std::fputs(
      "| A step is what one task does until it waits again. Under it, where the other tasks are meanwhile:\n"
      "|   ready            they run next, in this order\n"
      "|   scheduled        they sleep, and for how long still\n"
      "|   waiting for I/O  they wait for a descriptor\n"
      "|   for another task they are in none of the loop's queues: another task's put, get, set or end "
      "makes\n"
      "|                    them ready\n",
      stdout);
}

void step_trace::step(const event_loop& loop, const ready_node& node) {
  if (!start_) start_ = loop.time();
  const queues_of queues(loop, node);
  const std::string text = fmt::format("| step {} at {}: {}\n{}", ++steps_, seconds(loop.time() - *start_),
                                       what_happens(node), queues.lines());
  // A disk that is full is found by the next line of the program, which can report it.
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace handoff::patterns
