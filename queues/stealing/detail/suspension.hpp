// A coroutine that waits for something outside of its tree: it is in its awaiter, and so in its frame.
#pragma once

#include <coroutine>

#include "queues/stealing/detail/hub.hpp"
#include "queues/stealing/detail/record.hpp"

namespace handoff::stealing::detail {

/// What a task can await besides forks, joins and tasks: its `begin() &&` answers the awaiter.
struct waits_outside {};

template <class Steps>
class suspension : public record {
  using worker = detail::worker<Steps>;

 public:
  suspension() noexcept : suspension(&suspension::resume) {}
  /// `run`: as a record's, which calls `resume` if the coroutine goes on.
  explicit suspension(bool (*run)(record&) noexcept) noexcept : record(run) { prev = nullptr; }
  suspension(const suspension&) = delete;
  suspension& operator=(const suspension&) = delete;

  /// From its await_suspend, before anybody can wake it.
  void prepare(std::coroutine_handle<> coroutine) noexcept {
    worker& w = *worker::current();
    coroutine_ = coroutine;
    shared_ = &w.shared;
    state = w.state;
  }

  /// Any thread, once, and what it did before is visible to the coroutine: it goes on, on this thread if that
  /// runs coroutines of the same executor, unless an idle one asks. It may be gone when this returns.
  void wake() {
    worker* const w = worker::current();
    if (w != nullptr && &w->shared == shared_ && w->runs_coroutines())
      w->make_ready(*this);
    else
      shared_->post(*this);
  }

  /// If this thread runs coroutines, lets an idle one have some.
  static void offer_some() {
    worker* const w = worker::current();
    if (w != nullptr && w->shared.wanted()) [[unlikely]]
      w->shared.attend(*w);
  }

  static bool resume(record& self) noexcept {
    worker::current()->next = static_cast<suspension&>(self).coroutine_;
    return false;
  }

 private:
  std::coroutine_handle<> coroutine_;
  hub<Steps>* shared_ = nullptr;
};

}  // namespace handoff::stealing::detail
