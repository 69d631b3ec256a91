// Plain functions on the loop: `call_soon` and `call_later`. From other threads: remote.hpp.
//
//   call_handle tick = call_later(loop, 50ms, [] { … });
//   tick.cancel();
//
// A function must not throw. It runs outside of every task.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "queues/async/event_loop.hpp"

namespace handoff::async {

/// A function that has been scheduled. Dropping the handle changes nothing. Loop thread only.
class call_handle {
 public:
  /// It will not run, if it has not.
  void cancel() noexcept { call_->cancel(); }
  bool cancelled() const noexcept { return call_->cancelled; }

 private:
  template <class F>
  friend call_handle call_soon(event_loop& loop, F function);
  template <class F>
  friend call_handle call_later(event_loop& loop, time_span delay, F function);

  /// Kept by itself while it is scheduled.
  struct call final : timer, std::enable_shared_from_this<call> {
    call(event_loop& where, std::function<void()> what) : loop(where), function(std::move(what)) {}

    void fire() override {
      running_task = nullptr;
      run();
    }
    void dropped() noexcept override { self = nullptr; }
    void run() {
      const std::shared_ptr<call> last = std::move(self);
      if (!cancelled) function();
      function = nullptr;
    }
    void cancel() noexcept {
      cancelled = true;
      if (!timer::armed()) return;
      loop.disarm(*this);
      self = nullptr;
    }

    event_loop& loop;
    std::function<void()> function;
    std::shared_ptr<call> self;
    bool cancelled = false;
  };

  struct turn final : callback {
    explicit turn(std::shared_ptr<call> what) noexcept : scheduled(std::move(what)) {}
    void fire() override { scheduled->run(); }
    std::shared_ptr<call> scheduled;
  };

  explicit call_handle(std::shared_ptr<call> scheduled) noexcept : call_(std::move(scheduled)) {}

  std::shared_ptr<call> call_;
};

/// Runs `function` in the next pass.
template <class F>
call_handle call_soon(event_loop& loop, F function) {
  auto made = std::make_shared<call_handle::call>(loop, std::move(function));
  loop.call_soon(*new call_handle::turn(made));
  return call_handle(std::move(made));
}

/// Runs `function` when `delay` has passed.
template <class F>
call_handle call_later(event_loop& loop, time_span delay, F function) {
  auto made = std::make_shared<call_handle::call>(loop, std::move(function));
  made->self = made;
  loop.arm_after(*made, delay);
  return call_handle(std::move(made));
}

}  // namespace handoff::async
