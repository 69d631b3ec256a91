// The protocols of the layering, each without the step that makes it right.
#pragma once

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "queues/support/layered.hpp"
#include "tests/conformance/broken/broken_queue.hpp"
#include "tests/conformance/broken/window.hpp"

namespace handoff::conformance::broken {

/// The queue under the layering: the sound queue, reduced to its try forms.
template <class T>
class try_only {
 public:
  using value_type = T;
  static constexpr backend_traits traits = [] {
    backend_traits t = broken_queue<T>::traits;
    t.name = "try_only";
    t.waits = layered_waits;
    return t;
  }();

  class producer_type {
   public:
    explicit producer_type(broken_queue<T>& queue) : handle_(queue.producer()) {}
    op_status try_push(T&& item) { return handle_.try_push(std::move(item)); }

   private:
    producer_handle<broken_queue<T>> handle_;
  };
  class consumer_type {
   public:
    explicit consumer_type(broken_queue<T>& queue) : handle_(queue.consumer()) {}
    op_status try_pop(T& item) { return handle_.try_pop(item); }

   private:
    consumer_handle<broken_queue<T>> handle_;
  };

  explicit try_only(std::size_t capacity) : queue_(capacity) {}
  producer_type producer() { return producer_type(queue_); }
  consumer_type consumer() { return consumer_type(queue_); }
  std::size_t capacity() const { return queue_.capacity(); }

 private:
  broken_queue<T> queue_;
};

/// A close that producers check before they announce their push: a producer between its look and its
/// announcement is not waited for.
class late_announced_close {
 public:
  static constexpr bool closes = true;
  bool enter(support::participant& self) const {
    if (closed_.load()) return false;
    until_told_closed_.hold();
    support::count(self.push_steps);
    return true;
  }
  static void leave(support::participant& self) noexcept { support::count(self.push_steps); }
  void close() noexcept { closed_.store(true); }
  bool is_closed() const noexcept { return closed_.load(); }
  bool settled(const support::participant_list& everybody) noexcept {
    if (!everybody.nobody_pushes()) return false;
    if (settled_once_.exchange(true)) until_told_closed_.end();  // whoever asks again has been told
    return true;
  }

 private:
  std::atomic<bool> closed_{false};
  std::atomic<bool> settled_once_{false};
  window until_told_closed_;
};

/// A join that adds up the pushes before the dones.
class hasty_completion {
 public:
  static constexpr bool counts = true;
  static void task_done(support::participant& self, std::uint64_t& unfinished,
                        const support::participant_list&) {
    if (unfinished-- == 0) throw std::logic_error("task_done() without an item");
    support::count(self.done);
  }
  static void look_for_joiners(const support::participant_list&) noexcept {}
  static void leave(std::uint64_t) noexcept {}
  static void join(const support::participant_list& everybody) {
    for (;;) {
      std::uint64_t open = 0;
      for (auto* p = everybody.first(); p != nullptr; p = p->next) open += (p->push_steps.load() + 1) / 2;
      std::this_thread::yield();
      for (auto* p = everybody.first(); p != nullptr; p = p->next)
        open -= p->done.load() + p->withdrawn.load();
      if (static_cast<std::int64_t>(open) <= 0) return;
      std::this_thread::yield();
    }
  }
};

/// Parking without one of its steps.
enum class omission : unsigned char { second_look, passing_on, waking_all };

template <omission Omitted>
struct careless_park {
  static constexpr wait_kind kind = wait_kind::park;
  static constexpr bool parks = true;

  struct signal : support::eventcount {
    void notify_all() {
      if (Omitted == omission::waking_all)
        notify_one();
      else
        support::eventcount::notify_all();
    }
  };

  template <class Attempt, class SurelyBusy>
  static op_status wait(signal& event, op_status busy, Attempt&& attempt, SurelyBusy&&,
                        const support::wait_limits& limits) {
    for (;;) {
      if (const auto over = limits.reached()) return *over;
      support::eventcount::waiter self;
      if (Omitted == omission::second_look) std::this_thread::yield();
      event.enlist(self);
      op_status status = Omitted == omission::second_look ? busy : attempt();
      if (status == busy) {
        std::stop_callback on_stop(limits.token != nullptr ? *limits.token : std::stop_token{},
                                   [&self] { self.stop(); });
        event.sleep(self, limits.deadline);
      }
      const bool claimed = event.leave(self);
      if (status == busy && Omitted == omission::passing_on) {
        while (claimed && limits.token != nullptr && !limits.token->stop_requested())
          std::this_thread::yield();  // off its core, until the stop has come as well
        if (const auto over = limits.reached()) return *over;  // with a wake-up that was meant for the next
      }
      if (status == busy) status = attempt();
      if (status == busy && claimed) event.notify_one();
      if (status != busy) return status;
    }
  }
};

template <class T>
using with_late_announced_close = support::layered<try_only<T>, support::yield, late_announced_close>;
template <class T>
using with_hasty_completion =
    support::layered<try_only<T>, support::yield, support::announced_close, hasty_completion>;
template <class T>
using without_second_look = support::layered<try_only<T>, careless_park<omission::second_look>>;
template <class T>
using without_passing_on = support::layered<try_only<T>, careless_park<omission::passing_on>>;
template <class T>
using without_waking_all = support::layered<try_only<T>, careless_park<omission::waking_all>>;

}  // namespace handoff::conformance::broken
