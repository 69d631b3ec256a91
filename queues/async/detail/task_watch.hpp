// A callback for the end of a task, on which gather, wait, shield and task_group are built.
#pragma once

#include <cstddef>
#include <utility>

#include "queues/async/event_loop.hpp"

namespace handoff::async {

/// Notified of the ends of tasks, each one turn later.
class task_observer {
 public:
  /// `index`: which of the observer's tasks. The watch is over afterwards.
  virtual void task_ended(std::size_t index) = 0;

 protected:
  ~task_observer() = default;
};

/// One task that is watched, from its construction until its observer has been notified, or this object is
/// destroyed.
class task_watch {
 public:
  task_watch(task_state& watched, task_observer& observer, std::size_t index)
      : turn_(new turn(observer, index, *this)) {
    if (watched.ended())
      watched.loop().call_soon(*turn_);
    else
      watched.joiners().push_back(*turn_);
  }
  task_watch(task_watch&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {
    if (turn_ != nullptr) turn_->watch = this;
  }
  task_watch& operator=(task_watch&&) = delete;
  ~task_watch() {
    if (turn_ == nullptr) return;
    turn_->watch = nullptr;
    if (!turn_->linked()) return;  // it is in the ready list, and its turn will do nothing
    turn_->unlink();
    turn_->drop();
  }

 private:
  struct turn final : callback {
    turn(task_observer& told, std::size_t number, task_watch& by) noexcept
        : observer(told), index(number), watch(&by) {}

    void fire() override {
      if (watch == nullptr) return;
      watch->turn_ = nullptr;
      observer.task_ended(index);
    }

    task_observer& observer;
    std::size_t index;
    task_watch* watch;
  };

  turn* turn_;
};

}  // namespace handoff::async
