// The event loop: one thread, a FIFO of what is ready, and the tasks that have not ended.
//
// A pass runs what stood in the ready list when the pass began; what becomes ready meanwhile runs in the next
// pass. Nothing in here is thread-safe: one thread makes the loop, its tasks and its queues, and uses them.
//
// Lifetimes: the loop may be destroyed at any moment outside `run_pass`. It destroys the tasks that have not
// ended, each with its frames, innermost first; their handles then say that they ended. Queues may be
// destroyed before or after the loop, with tasks waiting in them: such a task waits for ever, and can still
// be cancelled.
#pragma once

#include <cstddef>
#include <utility>

#include "queues/async/ready_list.hpp"
#include "queues/async/task_state.hpp"
#include "queues/async/wait_place.hpp"
#include "queues/async/waiter.hpp"

namespace handoff::async {

class event_loop {
 public:
  event_loop() noexcept = default;
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop() {
    // Nobody waits anywhere any more: what the frames' destructors do wakes nobody who is about to go.
    tasks_.for_each([](task_state& task) { task.detach(); });
    while (!tasks_.empty()) {
      ready_.clear();
      tasks_.front().destroy_pending();
    }
    while (wait_place* const place = places_.pop_front()) place->loop_ = nullptr;
  }

  /// Appends `node` to what runs next. It must stay alive until it has run.
  void call_soon(ready_node& node) noexcept { ready_.push(node); }

  /// Runs what is ready now, once. False when nothing was.
  bool run_pass() noexcept {
    if (ready_.empty()) return false;
    const list_link* const last = ready_.last();
    for (;;) {
      ready_node& node = ready_.pop();
      const bool more = &node != last;  // read before it runs: running may destroy the node
      node.run(node);
      if (driven_ != nullptr) [[unlikely]]
        std::exchange(driven_, nullptr)->drive();
      if (!more) return true;
    }
  }

  /// Tasks that have not ended.
  std::size_t pending_tasks() const noexcept { return pending_; }

  // For the parts of the runtime.

  /// `task`, which runs, has left a frame to be resumed before anything else.
  void drive_next(task_state& task) noexcept { driven_ = &task; }

  void add_task(task_state& task) noexcept {
    tasks_.push_back(task);
    ++pending_;
  }

  void remove_task(task_state& task) noexcept {
    task.unlink();
    --pending_;
  }

 private:
  friend class waiter;
  friend class wait_place;

  ready_list ready_;
  task_state* driven_ = nullptr;  // whose frames are resumed before the next node's turn
  intrusive_list<task_state> tasks_;
  std::size_t pending_ = 0;
  intrusive_list<waiter> orphans_;     // whose queue is gone
  intrusive_list<wait_place> places_;  // to be told of the loop's end
};

inline void waiter::give_up() noexcept {
  if (!linked()) return;
  unlink();
  outcome_ = outcome::cancelled;
  task().loop().call_soon(*this);
}

inline void waiter::run_orphaned(ready_node& node) {
  auto& self = static_cast<waiter&>(node);
  if (!self.must_cancel()) {
    self.task().loop().orphans_.push_back(self);
    return;
  }
  self.deliver_cancel();
  self.resume();
}

inline wait_place::wait_place(event_loop& loop) noexcept : loop_(&loop) { loop.places_.push_back(*this); }

inline wait_place::~wait_place() {
  if (loop_ == nullptr) return;
  unlink();
  loop_->ready_.for_each([this](ready_node& node) {
    if (node.owner == this) static_cast<waiter&>(node).orphan();
  });
}

inline void wait_place::wake_one(intrusive_list<waiter>& list) noexcept {
  if (waiter* const oldest = list.pop_front()) loop_->call_soon(*oldest);
}

inline void wait_place::wake_all(intrusive_list<waiter>& list) noexcept {
  while (waiter* const oldest = list.pop_front()) loop_->call_soon(*oldest);
}

inline void wait_place::abandon(intrusive_list<waiter>& list) noexcept {
  while (waiter* const oldest = list.pop_front()) {
    oldest->orphan();
    loop_->orphans_.push_back(*oldest);
  }
}

inline bool task_state::cancel() noexcept {
  if (ended_) return false;
  task_state* target = this;
  task_state* half_way = this;  // meets `target` again where tasks await each other in a ring
  bool odd = false;
  while (target->waits_for_ != nullptr && !target->waits_for_->ended_) {
    target = target->waits_for_;
    if (odd) half_way = half_way->waits_for_;
    odd = !odd;
    if (target == half_way) break;
  }
  target->must_cancel_ = true;
  if (target->waiting_ != nullptr) target->waiting_->give_up();
  return true;
}

inline void task_state::start(promise_base& root) noexcept {
  root.task_ = this;
  innermost_ = &root;
  start_.task = this;
  start_.run = &first_step;
  start_.owner = nullptr;
  loop_->add_task(*this);
  loop_->call_soon(start_);
}

inline void task_state::first_step(ready_node& node) {
  task_state& task = *static_cast<start_node&>(node).task;
  if (!task.must_cancel_) {
    task.innermost_->frame_.resume();
    return;
  }
  task.ended_ = true;
  task.finish();
}

inline void task_state::drive_next(std::coroutine_handle<> frame) noexcept {
  next_ = frame;
  loop_->drive_next(*this);
}

inline void task_state::drive() noexcept {
  while (next_) {
    const auto frame = std::exchange(next_, nullptr);
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
  loop_->remove_task(*this);
  while (waiter* const joiner = joiners_.pop_front()) loop_->call_soon(*joiner);
  drop_reference();
}

inline void task_state::detach() noexcept {
  if (waiting_ != nullptr && waiting_->linked()) waiting_->unlink();
  waiting_ = nullptr;
}

inline void task_state::destroy_pending() noexcept {
  ended_ = true;
  for (promise_base* frame = std::exchange(innermost_, nullptr); frame != nullptr;) {
    promise_base* const parent = frame->parent_;
    if (frame->owner_ != nullptr) *frame->owner_ = nullptr;
    frame->destroy();
    frame = parent;
  }
  loop_->remove_task(*this);
  drop_reference();
}

}  // namespace handoff::async
