// What the loop knows of a task, and the driver that resumes its frames.
//
// The driver: a coroutine that awaits another one, or that ends, does not resume the other frame itself; it
// leaves it in `next_` and returns to the loop, which has `drive()` resume it. The stack therefore never
// grows with the length of a chain of resumes, whatever the compiler makes of symmetric transfer (GCC at -O0
// and sanitizer builds do not make it a tail call).
//
// Cancellation: `cancel()` sets `must_cancel_` and takes the task out of the list that it waits in; its
// waiter delivers the request when its node runs, and clears the flag: a cancellation is delivered once. A
// task that is not waiting keeps the flag until its next await that really waits; if there is none, it ends
// as cancelled. A task that awaits another one passes the request on to that one, as asyncio does.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "queues/async/frame_pool.hpp"
#include "queues/async/ready_list.hpp"

namespace handoff::async {

class event_loop;
class task_state;
class waiter;

/// The untyped part of a task coroutine's promise: who it belongs to, and who awaits it.
class promise_base : public pooled {
 public:
  promise_base(const promise_base&) = delete;
  promise_base& operator=(const promise_base&) = delete;

  task_state& state() const noexcept { return *task_; }

  std::coroutine_handle<> frame() const noexcept { return frame_; }

  /// Destroys the frame, and with it this promise.
  void destroy() noexcept { frame_.destroy(); }

 protected:
  friend class task_state;

  explicit promise_base(std::coroutine_handle<> frame) noexcept : frame_(frame) {}
  ~promise_base() = default;

 private:
  std::coroutine_handle<> frame_;
  task_state* task_ = nullptr;
  promise_base* parent_ = nullptr;  // the frame that awaits this one; null for a task's outermost one
  promise_base** owner_ = nullptr;  // the pointer through which the parent will destroy this frame
};

/// The control block of a task, one for each `create_task`. Its references are counted, not thread-safe: one
/// belongs to the loop until the task has ended, the others to handles.
class task_state : public list_link, public pooled {
 public:
  task_state(const task_state&) = delete;
  task_state& operator=(const task_state&) = delete;

  event_loop& loop() const noexcept { return *loop_; }

  /// The task has returned, thrown, been cancelled, or been destroyed with its loop.
  bool ended() const noexcept { return ended_; }

  /// Requests cancellation; false when the task has ended. Loop thread only.
  inline bool cancel() noexcept;

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) delete this;
  }

  // For the parts of the runtime.

  /// Schedules the first step. The task owns the frame `root` from here on.
  inline void start(promise_base& root) noexcept;

  /// Resumes every frame that is left for the driver, until the task waits or ends.
  inline void drive() noexcept;

  /// `parent` awaits `child`, which runs next; `owner` is where the parent keeps it.
  void enter(promise_base& child, promise_base& parent, promise_base** owner) noexcept {
    child.task_ = this;
    child.parent_ = &parent;
    child.owner_ = owner;
    innermost_ = &child;
    drive_next(child.frame_);
  }

  /// `frame` has run to its end: whoever awaits it runs next.
  void leave(promise_base& frame) noexcept {
    if (frame.parent_ != nullptr) {
      innermost_ = frame.parent_;
      drive_next(frame.parent_->frame_);
    } else {
      ended_ = true;
      drive_next(frame.frame_);
    }
  }

  // The loop's end: `detach` takes every task out of where it waits, then `destroy_pending` destroys it frame
  // by frame, innermost first (a chain of frames may be longer than the stack is deep).
  inline void detach() noexcept;
  inline void destroy_pending() noexcept;

  void wait_at(waiter& place) noexcept { waiting_ = &place; }
  void stop_waiting() noexcept { waiting_ = nullptr; }
  void wait_for(task_state* other) noexcept { waits_for_ = other; }

  bool must_cancel() const noexcept { return must_cancel_; }
  void cancel_delivered() noexcept { must_cancel_ = false; }

  intrusive_list<waiter>& joiners() noexcept { return joiners_; }

 protected:
  explicit task_state(event_loop& loop) noexcept : loop_(&loop) {}
  virtual ~task_state() = default;

  /// The task has ended. `cancelled`: a cancellation is left that no await delivered, because the task never
  /// began, or because it came after the last wait.
  virtual void on_end(bool cancelled) noexcept = 0;

 private:
  struct start_node : ready_node {
    task_state* task = nullptr;
  };

  static inline void first_step(ready_node& node);
  inline void drive_next(std::coroutine_handle<> frame) noexcept;
  inline void finish() noexcept;

  // Touched by every hop of the task.
  waiter* waiting_ = nullptr;  // where it waits; null while it runs
  bool must_cancel_ = false;   // requested and not delivered yet
  bool ended_ = false;
  std::uint32_t references_ = 1;
  // Touched when a frame begins or ends.
  std::coroutine_handle<> next_;       // what `drive` resumes next; null: the task waits
  promise_base* innermost_ = nullptr;  // the frame that runs or waits, or the outermost one after its end
  task_state* waits_for_ = nullptr;    // the task whose end it awaits: a cancellation goes there
  event_loop* loop_;
  intrusive_list<waiter> joiners_;  // who awaits the end
  start_node start_;                // its turn is the first step
};

}  // namespace handoff::async
