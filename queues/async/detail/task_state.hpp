// The loop's data about a task, and the driver that resumes its frames.
//
// The driver: a coroutine that awaits another one, or that ends, does not resume the other frame itself; it
// leaves it to the loop, which resumes it as soon as the stack is back there. The stack therefore never
// grows with the length of a chain of resumes, whatever the compiler makes of symmetric transfer (GCC at -O0
// and sanitizer builds do not make it a tail call).
//
// Cancellation: `cancel()` sets `must_cancel_` and takes the task out of the list that it waits in; its
// waiter delivers the request when its node runs, and clears the flag: a cancellation is delivered once. A
// task that is not waiting keeps the flag until its next await that really waits; if there is none, it ends
// as cancelled. A task that awaits other ones passes the request on to those that have not ended, as
// asyncio does; if all of them have, the request stays with it. `uncancel()` of the last request takes the
// flag back, unless a wait has given up for it already: that one reports the cancellation.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/detail/frame_pool.hpp"
#include "queues/async/detail/ready_list.hpp"

namespace handoff::async {

class event_loop;
class task_state;
class waiter;

/// The task whose step runs on this thread; null outside of steps.
inline constinit thread_local task_state* running_task = nullptr;

class promise_base;

/// Notified of what debug mode (debug.hpp) observes, on the thread for which it is on.
class debug_hooks {
 public:
  /// A coroutine was called: it exists, and has not begun. `where`: the coroutine's own definition.
  virtual void coroutine_made(const promise_base& made, const std::source_location& where) = 0;
  /// It is awaited, or a task of its own.
  virtual void coroutine_begins(const promise_base& begun) = 0;
  /// It is destroyed, and was never awaited.
  virtual void coroutine_dropped(const promise_base& dropped) = 0;
  /// `where`: the call of `create_task`.
  virtual void task_made(const task_state& made, const std::source_location& where) = 0;
  /// The loop is destroyed, and the task has not ended.
  virtual void task_destroyed(const task_state& pending) = 0;
  /// Its control block is destroyed. `lost`: the exception that the task threw, if it was never
  /// retrieved; else null.
  virtual void task_gone(const task_state& gone, std::exception_ptr lost) = 0;

 protected:
  ~debug_hooks() = default;
};

/// Null: debug mode is off on this thread.
inline constinit thread_local debug_hooks* debugging = nullptr;

/// The untyped part of a task coroutine's promise: its task, and the frame that awaits it.
class promise_base : public pooled_frame {
 public:
  promise_base(const promise_base&) = delete;
  promise_base& operator=(const promise_base&) = delete;

  task_state& state() const noexcept { return *task_; }

  /// The frame that contains this promise: computed, which saves a load in every hop from task to task. A
  /// promise's place in its frame depends only on its alignment, so the base must begin the promise and
  /// have its alignment: `task_promise_base` checks that.
  std::coroutine_handle<> frame() noexcept {
    return std::coroutine_handle<promise_base>::from_promise(*this);
  }

  /// Destroys the frame, and with it this promise.
  void destroy() noexcept { frame().destroy(); }

 protected:
  friend class task_state;

  promise_base() noexcept = default;
  ~promise_base() = default;

 private:
  task_state* task_ = nullptr;
  promise_base* parent_ = nullptr;  // the frame that awaits this one; null for a task's outermost one
};

/// A wait that passes a cancellation of its task on to other tasks.
class cancel_relay {
 public:
  /// Appends the tasks that are to be cancelled instead, each of which has not ended; none, and the request
  /// stays where it is.
  virtual void targets(std::vector<task_state*>& into) = 0;

 protected:
  ~cancel_relay() = default;
};

/// The control block of a task, one for each `create_task`. Its references are counted, not thread-safe: one
/// belongs to the loop until the task has ended, the others to handles.
///
/// As a node it lies in the ready list until its first step, and then in the loop's list of tasks.
class task_state : public ready_node, public pooled {
 public:
  task_state(const task_state&) = delete;
  task_state& operator=(const task_state&) = delete;

  event_loop& loop() const noexcept { return *loop_; }

  /// The task has returned, thrown, been cancelled, or been destroyed with its loop.
  bool ended() const noexcept { return ended_; }

  /// Requests cancellation; false when the task has ended. Loop thread only.
  inline bool cancel();

  /// Cancellations requested, those taken back by `uncancel` not counted.
  unsigned cancelling() const noexcept { return cancelling_; }

  /// Takes one request back: its origin has dealt with it. Returns how many are left; with the last one its
  /// delivery is dropped, if no wait has ended for it. Loop thread only.
  inline unsigned uncancel() noexcept;

  /// Its given name, else `Task-N`, where N counts the tasks of its loop.
  std::string name() const { return name_ != nullptr ? *name_ : "Task-" + std::to_string(number_); }
  void set_name(std::string name) { name_ = std::make_unique<std::string>(std::move(name)); }

  /// The task ended with a `cancelled_error`.
  virtual bool cancelled() const noexcept = 0;

  /// The exception that the task threw, a `cancelled_error` included; null if there is none (yet).
  virtual std::exception_ptr exception() const noexcept = 0;

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept {
    if (--references_ == 0) delete this;
  }

  // For the parts of the runtime.

  /// Whether a node of the ready list is a task that waits for its first step.
  static bool is_behind(const ready_node& node) noexcept { return node.run == &first_step; }

  /// Schedules the first step. The task owns the frame `root` from here on.
  inline void start(promise_base& root) noexcept;

  /// Resumes `frame`, and every frame that is left for the driver, until the task waits or ends.
  inline void drive(std::coroutine_handle<> frame) noexcept;

  /// `parent` awaits `child`, which runs next. From here until `child` has run to its end, it is the task
  /// that would destroy it.
  inline void enter(promise_base& child, promise_base& parent) noexcept;

  /// `frame` has run to its end: the frame that awaits it runs next.
  inline void leave(promise_base& frame) noexcept;

  // The loop's end: `detach` takes every task out of where it waits, then `destroy_pending` destroys it frame
  // by frame, innermost first (a chain of frames may be longer than the stack is deep).
  inline void detach() noexcept;
  inline void destroy_pending() noexcept;

  void wait_at(waiter& place) noexcept { waiting_ = &place; }
  void wait_nowhere() noexcept { waiting_ = nullptr; }
  void run_now() noexcept { running_task = this; }

  /// The task waits at something that passes cancellations on; one that was requested before goes there now.
  inline void wait_for(cancel_relay& others);
  void stop_relaying() noexcept { relay_ = nullptr; }

  bool must_cancel() const noexcept { return must_cancel_; }
  void cancel_delivered() noexcept { must_cancel_ = false; }

  /// For the running task, which received a cancellation and ends with something else: if requests are left,
  /// they are delivered at its next wait.
  void deliver_again() noexcept { must_cancel_ = cancelling_ > 0; }

  /// These get a turn when the task has ended.
  support::intrusive_list<ready_node>& joiners() noexcept { return joiners_; }

 protected:
  explicit inline task_state(event_loop& loop) noexcept;
  virtual ~task_state() = default;

  /// The task has ended. `cancelled`: a cancellation is left that no await delivered, because the task never
  /// began, or because it came after the last wait.
  virtual void on_end(bool cancelled) noexcept = 0;

 private:
  static inline void first_step(ready_node& node);
  inline void request_cancel_here() noexcept;
  inline bool waits() const noexcept;  // at `waiting_`, which is destroyed if it does not
  static inline void cancel_all(std::vector<task_state*> requested);
  inline void finish() noexcept;

  // Touched by every hop of the task.
  waiter* waiting_ = nullptr;  // where it waits, or waited last; null before its first wait
  bool must_cancel_ = false;   // requested and not delivered yet
  bool ended_ = false;
  bool in_cancel_ = false;  // a cancellation goes through it now
  std::uint32_t references_ = 1;
  // Touched when a frame begins or ends.
  promise_base* innermost_ = nullptr;  // the frame that runs or waits, or the outermost one after its end
  event_loop* loop_;
  cancel_relay* relay_ = nullptr;  // whose tasks' ends it awaits: a cancellation goes there
  support::intrusive_list<ready_node> joiners_;
  std::uint32_t cancelling_ = 0;
  std::uint32_t number_;
  std::unique_ptr<std::string> name_;
};

}  // namespace handoff::async
