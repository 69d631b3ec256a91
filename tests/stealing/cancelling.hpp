// Requests to cancel a coroutine, as schedules on one thread, or two of which one waits for the other: in
// the middle of a request, the coroutine acts.
//
// Each case is a function of the slot (queues/stealing/detail/cancel_slot.hpp): with the one that is shipped
// it finds nothing, with a mutant it says what went wrong.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "queues/stealing/detail/cancellable.hpp"
#include "tests/stealing/scripted_steps.hpp"

namespace handoff::stealing_tests {

/// An operation that notes how it is cancelled.
struct noted : stealing::detail::cancellable {
  /// `waits`: whether a request finds it waiting, at first. `meanwhile`: what others do in a cancellation.
  explicit noted(bool waits, std::function<void()> meanwhile = {})
      : cancellable{&noted::note}, waits_(waits), meanwhile_(std::move(meanwhile)) {}

  unsigned cancellations = 0;
  std::atomic<bool> over{false};
  bool touched_late = false;

 private:
  static bool note(cancellable& self) noexcept {
    auto& me = static_cast<noted&>(self);
    if (++me.cancellations == 1 && me.meanwhile_) me.meanwhile_();
    script::pass();
    me.touched_late |= me.over;
    return std::exchange(me.waits_, false);
  }

  bool waits_;
  std::function<void()> meanwhile_;
};

template <class Slot>
std::string a_request_before_an_operation_is_told_once() {
  Slot slot;
  noted operation(true);
  slot.cancel();
  if (slot.begin(operation)) return "the request was lost";
  return slot.begin(operation) ? "" : "the request was told twice";
}

template <class Slot>
std::string a_request_that_wakes_is_used_up() {
  Slot slot;
  noted operation(true), next(true);
  if (!slot.begin(operation)) return "cancelled by nobody";
  slot.cancel();
  slot.end(operation);
  if (operation.cancellations != 1) return "the request was lost";
  return slot.begin(next) ? "" : "the request was told twice";
}

template <class Slot>
std::string a_request_that_comes_too_late_is_kept() {
  Slot slot;
  noted operation(false), next(true);
  if (!slot.begin(operation)) return "cancelled by nobody";
  slot.cancel();
  slot.end(operation);
  return slot.begin(next) ? "the request was lost" : "";
}

template <class Slot>
std::string two_requests_at_once_cancel_an_operation_once() {
  Slot slot;
  noted operation(true, [&] { slot.cancel(); });
  if (!slot.begin(operation)) return "cancelled by nobody";
  slot.cancel();
  slot.end(operation);
  return operation.cancellations == 1 ? "" : "the request was told twice";
}

/// An operation begins in the middle of a request: it is cancelled, or it does not wait.
template <class Slot>
std::string a_request_beside_a_beginning_is_not_lost() {
  for (std::size_t step = 0;; ++step) {
    Slot slot;
    noted operation(true);
    bool waits = false;
    const script beside(step, [&] { waits = slot.begin(operation); });
    slot.cancel();
    if (!beside.reached()) return "";
    if (waits && operation.cancellations == 0) return "the request was lost";
  }
}

/// The other way round: what is shipped begins by one step, and has no middle.
template <class Slot>
std::string a_beginning_beside_a_request_loses_none() {
  for (std::size_t step = 0;; ++step) {
    Slot slot;
    noted operation(true);
    const script beside(step, [&] { slot.cancel(); });
    const bool waits = slot.begin(operation);
    if (!beside.reached()) return "";
    if (waits && operation.cancellations == 0) return "the request was lost";
  }
}

/// The end of an operation comes in the middle of a request. It waits, or the request leaves the operation
/// alone.
template <class Slot>
std::string what_is_over_is_not_touched() {
  for (std::size_t step = 0;; ++step) {
    Slot slot;
    noted operation(true);
    if (!slot.begin(operation)) return "cancelled by nobody";
    std::atomic<bool> waits{false};
    std::thread coroutine;
    script beside(step, [&] {
      coroutine = std::thread([&] {
        const script wait(0, [&] { waits = true; });
        slot.end(operation);
        operation.over = true;
      });
      while (!waits && !operation.over) std::this_thread::yield();
    });
    slot.cancel();
    if (!beside.reached()) return "";
    coroutine.join();
    if (operation.touched_late) return "an operation was touched after its end";
  }
}

/// Only the slot orders what the coroutine and the request do with the operation: ThreadSanitizer judges.
/// How often it was touched: three times.
template <class Slot>
unsigned every_touch_is_ordered() {
  struct plain : stealing::detail::cancellable {
    plain() : cancellable{&plain::touch} {}
    static bool touch(cancellable& self) noexcept { return ++static_cast<plain&>(self).touched == 2; }
    unsigned touched = 0;
  };
  Slot slot;
  std::atomic<bool> begun{false}, left{false};
  std::thread request([&] {
    while (!begun.load(std::memory_order_relaxed)) std::this_thread::yield();  // orders nothing: the test
    slot.cancel();
    left.store(true, std::memory_order_relaxed);  // as above
  });
  const auto in_frame = std::make_unique<plain>();  // ThreadSanitizer leaves out what is on a stack
  plain& operation = *in_frame;
  operation.touched = 1;
  static_cast<void>(slot.begin(operation));
  begun.store(true, std::memory_order_relaxed);  // as above
  while (!left.load(std::memory_order_relaxed)) std::this_thread::yield();
  slot.end(operation);
  const unsigned touched = ++operation.touched;
  request.join();
  return touched;
}

}  // namespace handoff::stealing_tests
