// asyncio's debug mode: finds steps that hold up the loop, coroutines that were never awaited, tasks that
// were destroyed before they had ended, and exceptions of tasks that were never retrieved.
//
//   async::debug_mode debug;           // before the loop: it sees the loop's end
//   async::event_loop loop;
//   debug.watch(loop);
//
// `run()` turns it on if the environment has HANDOFF_ASYNC_DEBUG=1. It costs a clock reading and some
// bookkeeping per step, and nothing while it is off. One at a time on a thread; loop thread only.
#pragma once

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <source_location>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>

#include "queues/async/event_loop.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

class debug_mode final : private loop_observer, private debug_hooks {
 public:
  /// Takes one line per finding, without its line feed.
  using sink = std::function<void(const std::string&)>;

  /// `slow`: a step that takes as long is reported.
  explicit debug_mode(time_span slow = std::chrono::milliseconds(100), sink tell = &to_stderr)
      : slow_(slow),
        tell_(std::move(tell)),
        before_(std::exchange(debugging, static_cast<debug_hooks*>(this))) {}
  debug_mode(const debug_mode&) = delete;
  debug_mode& operator=(const debug_mode&) = delete;
  ~debug_mode() { debugging = before_; }

  /// Looks at the steps of `loop` from now on; must outlive it. `then`: another observer.
  void watch(event_loop& loop, loop_observer* then = nullptr) {
    then_ = then;
    loop.observe(this);
  }

 private:
  using clock = std::chrono::steady_clock;

  static void to_stderr(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

  static std::string text_of(const std::source_location& where) {
    std::ostringstream text;
    text << where.file_name() << ':' << where.line();
    return text.str();
  }

  std::string text_of(const task_state& task) const {
    const auto made = tasks_.find(&task);
    return "task '" + task.name() + "'" +
           (made == tasks_.end() ? std::string() : ", made at " + text_of(made->second));
  }

  void step(const event_loop& loop, const ready_node& node) override {
    if (then_ != nullptr) then_->step(loop, node);
    task_state* const task = task_of(node);
    running_ = task != nullptr ? any_task(*task) : any_task();
    made_ = task != nullptr && tasks_.count(task) != 0 ? text_of(*task) : std::string();
    began_ = clock::now();
  }

  void stepped(const event_loop& loop) override {
    const auto took = clock::now() - began_;
    if (took >= slow_) {
      std::ostringstream text;
      text << "slow step: " << std::chrono::duration<double, std::milli>(took).count() << " ms in "
           << (!running_       ? "a function"
               : made_.empty() ? text_of(running_.block())
                               : made_);
      tell_(text.str());
    }
    running_ = any_task();
    if (then_ != nullptr) then_->stepped(loop);
  }

  void coroutine_made(const promise_base& made, const std::source_location& where) override {
    coroutines_.insert_or_assign(&made, where);
  }
  void coroutine_begins(const promise_base& begun) override { coroutines_.erase(&begun); }
  void coroutine_dropped(const promise_base& dropped) override {
    const auto made = coroutines_.extract(&dropped);
    if (made.empty()) return;  // from before debug mode
    tell_(std::string("never awaited: coroutine '") + made.mapped().function_name() + "' of " +
          text_of(made.mapped()));
  }

  void task_made(const task_state& made, const std::source_location& where) override {
    tasks_.insert_or_assign(&made, where);
  }
  void task_destroyed(const task_state& pending) override {
    tell_("destroyed while pending: " + text_of(pending));
  }
  void task_gone(const task_state& gone, std::exception_ptr lost) override {
    if (lost != nullptr)
      tell_("exception never retrieved: " + text_of(gone) + ": " + text_of(std::move(lost)));
    tasks_.erase(&gone);
  }

  static std::string text_of(std::exception_ptr thrown) {
    try {
      std::rethrow_exception(std::move(thrown));
    } catch (const std::exception& error) {
      return error.what();
    } catch (...) {
      return "something that is not a std::exception";
    }
  }

  nanoseconds slow_;
  sink tell_;
  debug_hooks* before_;
  loop_observer* then_ = nullptr;
  std::unordered_map<const promise_base*, std::source_location> coroutines_;  // that have not begun
  std::unordered_map<const task_state*, std::source_location> tasks_;         // that are not destroyed yet
  any_task running_;
  std::string made_;
  clock::time_point began_;
};

}  // namespace handoff::async
