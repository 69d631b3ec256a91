// A task on its loop: its steps, its end, and how a cancellation is delivered.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include <coroutine>
#include <utility>
#include <vector>

#include "queues/async/event_loop.hpp"

namespace handoff::async {

inline task_state::task_state(event_loop& loop) noexcept
    : ready_node{{nullptr, nullptr}, &first_step, nullptr}, loop_(&loop), number_(loop.task_added()) {}

inline bool task_state::cancel() {
  if (ended_) return false;
  if (relay_ != nullptr) {
    cancel_all({this});
    return true;
  }
  ++cancelling_;
  request_cancel_here();
  return true;
}

inline void task_state::request_cancel_here() noexcept {
  must_cancel_ = true;
  if (waits()) waiting_->give_up();
}

inline bool task_state::waits() const noexcept {
  return waiting_ != nullptr && running_task != this && !ended_;
}

inline unsigned task_state::uncancel() noexcept {
  if (cancelling_ == 0) return 0;
  if (--cancelling_ == 0 && !(waits() && waiting_->gave_up())) must_cancel_ = false;
  return cancelling_;
}

/// Depth first and in order, as a recursion would: but tasks that await each other may be more than the stack
/// is deep, and may form a ring.
inline void task_state::cancel_all(std::vector<task_state*> requested) {
  struct visit {
    task_state* task;
    bool leaves;
  };
  std::vector<visit> path;
  const auto add = [&path](const std::vector<task_state*>& tasks) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) path.push_back({*task, false});
  };
  add(requested);
  std::vector<task_state*> targets;
  while (!path.empty()) {
    const auto [task, leaves] = path.back();
    path.pop_back();
    if (leaves) {
      task->in_cancel_ = false;
      continue;
    }
    if (task->in_cancel_) {
      task->request_cancel_here();
      continue;
    }
    ++task->cancelling_;
    targets.clear();
    if (task->relay_ != nullptr) task->relay_->targets(targets);
    if (targets.empty()) {
      task->request_cancel_here();
      continue;
    }
    task->in_cancel_ = true;
    path.push_back({task, true});
    add(targets);
  }
}

inline void task_state::wait_for(cancel_relay& others) {
  relay_ = &others;
  if (!must_cancel_) [[likely]]
    return;
  std::vector<task_state*> targets;
  others.targets(targets);
  if (targets.empty()) return;
  must_cancel_ = false;
  in_cancel_ = true;
  cancel_all(std::move(targets));
  in_cancel_ = false;
}

inline void task_state::start(promise_base& root) noexcept {
  root.task_ = this;
  innermost_ = &root;
  loop_->call_soon(*this);
}

inline void task_state::first_step(ready_node& node) {
  auto& task = static_cast<task_state&>(node);
  if (!task.must_cancel_) {
    task.loop_->task_begins(task);
    running_task = &task;
    task.innermost_->frame().resume();
    return;
  }
  task.ended_ = true;
  task.finish();
}

inline void task_state::enter(promise_base& child, promise_base& parent) noexcept {
  child.task_ = this;
  child.parent_ = &parent;
  innermost_ = &child;
  loop_->drive_next(*this, child.frame());
}

inline void task_state::leave(promise_base& frame) noexcept {
  if (frame.parent_ != nullptr) {
    innermost_ = frame.parent_;
    loop_->drive_next(*this, frame.parent_->frame());
  } else {
    ended_ = true;
    loop_->drive_next(*this, frame.frame());
  }
}

inline void task_state::drive(std::coroutine_handle<> frame) noexcept {
  for (; frame; frame = loop_->take_next()) {
    if (ended_) {
      finish();
      return;
    }
    frame.resume();
  }
}

inline void task_state::finish() noexcept {
  on_end(must_cancel_);
  std::exchange(innermost_, nullptr)->destroy();
  if (linked()) unlink();
  loop_->task_ended();
  while (ready_node* const joiner = joiners_.pop_front()) loop_->call_soon(*joiner);
  running_task = nullptr;
  drop_reference();
}

inline void task_state::detach() noexcept {
  if (waiting_ != nullptr && waiting_->linked()) waiting_->unlink();
  waiting_ = nullptr;  // tasks that the frames' destructors cancel do not wait any more
  relay_ = nullptr;
}

inline void task_state::destroy_pending() noexcept {
  if (debugging != nullptr) [[unlikely]]
    debugging->task_destroyed(*this);
  ended_ = true;
  for (promise_base* frame = std::exchange(innermost_, nullptr); frame != nullptr;) {
    promise_base* const parent = frame->parent_;
    frame->destroy();
    frame = parent;
  }
  loop_->task_ended();
  drop_reference();
}

}  // namespace handoff::async
