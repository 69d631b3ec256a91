// The event loop: one thread, a FIFO of ready nodes, a heap of timers, and the tasks that have not ended.
//
// A pass runs what stood in the ready list when the pass began, and then the timers that were due at that
// moment; what becomes ready meanwhile runs in the next pass. Nothing in here is thread-safe: one thread
// makes the loop, its tasks and its queues, and uses them.
//
// The clock is the machine's steady clock, or a virtual one: it stands still while anything is ready, and
// jumps to the next timer when nothing is. A program with hours of sleep then ends at once.
//
// Lifetimes: the loop may be destroyed at any moment outside `run_pass`. It destroys the tasks that have
// not ended, each with its frames, innermost first; their handles then say that they ended. Queues may be
// destroyed before or after the loop, with tasks waiting in them: such a task waits forever, and can still
// be cancelled.
#pragma once

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/detail/callback.hpp"
#include "queues/async/detail/frame_pool.hpp"
#include "queues/async/detail/io_queue.hpp"
#include "queues/async/detail/ready_list.hpp"
#include "queues/async/detail/task_state.hpp"
#include "queues/async/detail/timer_queue.hpp"
#include "queues/async/detail/wait_place.hpp"
#include "queues/async/detail/waiter.hpp"
#include "queues/async/errors.hpp"

namespace handoff::async {

/// Which time a loop lives in.
enum class loop_clock : unsigned char {
  steady,        ///< std::chrono::steady_clock
  virtual_time,  ///< starts at 0, jumps from timer to timer
};

class event_loop;

/// Of a loop that is run inside a task of another one: that task is the running one again afterwards, and
/// waits nowhere meanwhile: a cancellation of it from inside is delivered at its next wait.
class outer_task {
 public:
  outer_task() noexcept {
    if (before_ != nullptr) before_->wait_nowhere();
  }
  outer_task(const outer_task&) = delete;
  outer_task& operator=(const outer_task&) = delete;
  ~outer_task() { running_task = before_; }

 private:
  task_state* before_ = running_task;
};

/// Looks on while a loop runs. It must not change what it is given.
class loop_observer {
 public:
  /// `node` has been taken out of the ready list, and runs when this returns.
  virtual void step(const event_loop& loop, const ready_node& node) = 0;

  /// It has run, and may have been destroyed.
  virtual void stepped(const event_loop&) {}

 protected:
  ~loop_observer() = default;
};

class event_loop {
 public:
  explicit event_loop(loop_clock clock = loop_clock::steady) noexcept : clock_(clock) {}
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop() {
    // No task waits anywhere any more: the frames' destructors wake none that is about to be destroyed.
    tasks_.for_each([](task_state& task) { task.detach(); });
    // Whatever those destructors, and those of functions, schedule is destroyed as well.
    do {
      support::intrusive_list<callback> dropped;
      do {
        while (!ready_.empty()) {
          ready_node& node = ready_.pop();
          if (callback::is_behind(node))
            dropped.push_back(static_cast<callback&>(node));
          else if (task_state::is_behind(node))
            tasks_.push_back(static_cast<task_state&>(node));
        }
        if (task_state* const task = tasks_.pop_front()) task->destroy_pending();
      } while (!ready_.empty() || !tasks_.empty());
      while (callback* const never = dropped.pop_front()) never->drop();
      timers_.drop_all();
    } while (!ready_.empty() || !timers_.empty());
    while (wait_place* const place = places_.pop_front()) place->loop_ = nullptr;
    remotes_ = nullptr;
  }

  /// The loop's time. Its clock defines zero: the start, for a virtual one.
  nanoseconds time() const noexcept {
    if (clock_ == loop_clock::virtual_time) return virtual_now_;
    return std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }

  /// Appends `node` to the nodes that run next. It must stay alive until it has run.
  void call_soon(ready_node& node) noexcept { ready_.push(node); }

  /// Makes `what` fire at the time `when` of the loop, or `never`. It must be disarmed before it is
  /// destroyed. Throws std::bad_alloc.
  void arm(timer& what, nanoseconds when) {
    quiet_ = plain_ = false;
    timers_.arm(what, when);
  }
  void disarm(timer& what) noexcept { timers_.disarm(what); }

  /// The same when `delay` has passed from now; one beyond the clock's range never passes.
  void arm_after(timer& what, time_span delay) { arm(what, later(time(), delay)); }

  /// Runs what is ready now, once, and the timers that are due. False if nothing was. Not while the loop
  /// runs.
  bool run_pass() noexcept {
    const bool outermost = !std::exchange(running_, true);
    if (!quiet_) [[unlikely]]
      look_outside();
    bool ran = run_ready();
    running_task = nullptr;
    if (timers_.any_due()) [[unlikely]] {
      timers_.fire_due();
      ran = true;
    }
    if (outermost) running_ = false;
    return ran;
  }

  /// Throws std::logic_error if the loop is already running: its own steps cannot run it.
  void refuse_to_run_inside_itself() const {
    if (running_) throw std::logic_error("the loop is already running: its steps cannot run it");
  }

  /// Runs passes until nothing is ready and nothing will be. If neither timers nor descriptors are waited
  /// for, one pass continues into the next: nothing could come between them. Throws std::logic_error if the
  /// loop is already running.
  void run_to_the_end() {
    refuse_to_run_inside_itself();
    const outer_task outer;
    do {
      running_ = true;
      if (look_whether_plain()) run_plain();
      running_ = false;
      running_task = nullptr;
    } while (run_once());
  }

  /// As `run_pass`, but waits if nothing is ready and a timer will be. False if nothing ever will be.
  bool run_once() noexcept {
    if (ready_.empty() && !wait()) return false;
    run_pass();
    return true;
  }

  /// Runs until `stop`, or until nothing will ever be ready. Throws std::logic_error if the loop is
  /// already running.
  void run_until_stopped() {
    refuse_to_run_inside_itself();
    const outer_task outer;
    if (stopped_)
      run_pass();
    else
      while (run_once() && !stopped_) {
      }
    stopped_ = false;
  }

  /// Makes `run_until_stopped` return after the current pass; if it is not running, after its first one.
  void stop() noexcept { stopped_ = true; }

  /// Notifies `observer` of every step from now on; null: none. It must outlive the loop, or be removed.
  void observe(loop_observer* observer) noexcept {
    observer_ = observer;
    plain_ = false;
  }

  /// Tasks that have not ended.
  std::size_t pending_tasks() const noexcept { return pending_; }

  /// Calls `visit(task_state&)` for each of them.
  template <class Visit>
  void for_each_task(Visit visit) const {
    tasks_.for_each(visit);
    ready_.for_each([&](ready_node& node) {
      if (task_state::is_behind(node)) visit(static_cast<task_state&>(node));
    });
  }

  // For the parts of the runtime.

  /// `task`, which runs, has left `frame` to be resumed before anything else.
  void drive_next(task_state& task, std::coroutine_handle<> frame) noexcept {
    driven_ = &task;
    next_ = frame;
    plain_ = false;
  }
  std::coroutine_handle<> take_next() noexcept { return std::exchange(next_, nullptr); }

  std::uint32_t task_added() noexcept {
    ++pending_;
    return ++tasks_made_;
  }
  void task_begins(task_state& task) noexcept { tasks_.push_back(task); }
  void task_ended() noexcept { --pending_; }

  io_queue& io() noexcept {
    quiet_ = plain_ = false;
    return io_;
  }
  const ready_list& ready() const noexcept { return ready_; }
  const timer_queue& timers() const noexcept { return timers_; }
  const io_queue& io() const noexcept { return io_; }
  std::unique_ptr<remote_calls>& remotes() noexcept { return remotes_; }

  /// Lists the tasks that wait for something without a list of its own.
  support::intrusive_list<waiter>& parked() noexcept { return parked_; }

 private:
  friend class wait_place;

  bool run_ready() noexcept {
    if (ready_.empty()) return false;
    const support::list_link* const last = ready_.last();
    while (&run_next() != last) {
    }
    return true;
  }

  /// Runs the oldest node. Returns its address: it may have been destroyed.
  const support::list_link& run_next() noexcept {
    ready_node& node = ready_.pop();
    loop_observer* const observer = observer_;
    if (observer != nullptr) [[unlikely]]
      observer->step(*this, node);
    node.run(node);
    drive_rest();
    if (observer != nullptr) [[unlikely]]
      observer->stepped(*this);
    return node;
  }

  /// Runs nodes, with one look at the loop after each, for as long as nothing but their order matters.
  void run_plain() noexcept {
    while (!ready_.empty()) {
      ready_node& node = ready_.pop();
      node.run(node);
      if (plain_) [[likely]]
        continue;
      drive_rest();
      if (!look_whether_plain()) return;
    }
  }

  bool look_whether_plain() noexcept { return plain_ = quiet_ && observer_ == nullptr; }

  void drive_rest() noexcept {
    if (next_) [[unlikely]]
      driven_->drive(take_next());
  }

  void look_outside() noexcept {
    if (!io_.empty()) io_.poll(nanoseconds::zero());
    if (!timers_.empty()) timers_.collect(time());
    quiet_ = io_.empty() && timers_.empty();
  }

  /// Waits until something is ready, or a timer or a descriptor is due. False when none of them ever will.
  bool wait() noexcept {
    if (timers_.any_due()) return true;
    const bool timed = timers_.waiting() && timers_.next() != never;
    if (clock_ == loop_clock::virtual_time) {
      if (!io_.empty()) {
        io_.poll(nanoseconds::zero());
        if (!ready_.empty()) return true;
      }
      if (timed) {
        virtual_now_ = std::max(virtual_now_, timers_.next());
        return true;
      }
    }
    frame_pool::give_back();
    // On a steady clock, a timer that never comes is worth a wait: there may be a signal.
    if (io_.size() == 0 && (clock_ == loop_clock::virtual_time || !timers_.waiting())) return false;
    if (!io_.empty())
      io_.poll(timed ? std::optional(left_until(timers_.next(), time())) : std::nullopt);
    else
      std::this_thread::sleep_for(left_until(timers_.next(), time()));
    return true;
  }

  ready_list ready_;
  std::coroutine_handle<> next_;  // the frame that is resumed before the next node's turn
  task_state* driven_ = nullptr;  // whose frame that is
  support::intrusive_list<task_state> tasks_;
  std::size_t pending_ = 0;
  std::uint32_t tasks_made_ = 0;
  loop_clock clock_;
  nanoseconds virtual_now_{0};
  timer_queue timers_;
  io_queue io_;
  bool quiet_ = true;  // neither timers nor descriptors are waited for; false: perhaps they are
  bool plain_ = true;  // and there is no observer, and no frame is left to be resumed; false: perhaps not so
  bool stopped_ = false;
  bool running_ = false;  // a pass of it is under way
  loop_observer* observer_ = nullptr;
  std::unique_ptr<remote_calls> remotes_;
  support::intrusive_list<waiter> parked_;
  support::intrusive_list<wait_place> places_;  // notified of the loop's end
};

/// The loop of the task whose step runs on this thread. Throws std::logic_error outside of tasks.
inline event_loop& running_loop() {
  if (running_task == nullptr) throw std::logic_error("no task is running here");
  return running_task->loop();
}

/// Thrown if tasks of `loop` wait and nothing will ever be ready.
inline deadlock_error deadlock_of(const event_loop& loop) { return deadlock_error(loop.pending_tasks()); }

inline void callback::take_turn(ready_node& node) {
  auto& self = static_cast<callback&>(node);
  running_task = nullptr;
  self.fire();
  delete &self;
}

/// The task whose turn a node of the ready list is; null if it is a function's.
inline task_state* task_of(const ready_node& node) noexcept {
  if (callback::is_behind(node)) return nullptr;
  if (task_state::is_behind(node)) return const_cast<task_state*>(static_cast<const task_state*>(&node));
  return &static_cast<const waiter&>(node).task();
}

inline void waiter::give_up() noexcept {
  if (!linked()) return;
  unlink();
  end_as(outcome::cancelled);
  task().loop().call_soon(*this);
}

inline void waiter::release() noexcept {
  if (!linked()) return;
  unlink();
  task().loop().call_soon(*this);
}

inline void waiter::run_orphaned(ready_node& node) {
  auto& self = static_cast<waiter&>(node);
  if (!self.must_cancel()) {
    self.task().loop().parked().push_back(self);
    return;
  }
  self.end_wait();
}

inline wait_place::wait_place(event_loop& loop) noexcept : loop_(&loop) { loop.places_.push_back(*this); }

inline wait_place::~wait_place() {
  if (loop_ == nullptr) return;
  unlink();
  loop_->ready_.for_each([this](ready_node& node) {
    if (node.owner == this) static_cast<waiter&>(node).orphan();
  });
}

inline waiter* wait_place::wake_one(support::intrusive_list<waiter>& list) noexcept {
  waiter* const oldest = list.pop_front();
  if (oldest != nullptr) loop_->call_soon(*oldest);
  return oldest;
}

inline void wait_place::wake_all(support::intrusive_list<waiter>& list) noexcept {
  while (waiter* const oldest = list.pop_front()) loop_->call_soon(*oldest);
}

inline void wait_place::abandon(support::intrusive_list<waiter>& list) noexcept {
  while (waiter* const oldest = list.pop_front()) {
    oldest->orphan();
    loop_->parked().push_back(*oldest);
  }
}

}  // namespace handoff::async

#include "queues/async/detail/task_steps.hpp"
