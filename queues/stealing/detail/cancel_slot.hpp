// How a coroutine that waits is cancelled from outside: whoever cancels it finds the operation in which it
// waits, and keeps that from going on, and so from being destroyed, as long as it touches it.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "queues/stealing/detail/cancellable.hpp"
#include "queues/stealing/steps.hpp"

namespace handoff::stealing::detail {

/// Of one coroutine. A request that finds it in no operation is kept for the next one that would wait.
/// `Steps` is for tests (queues/stealing/steps.hpp); use `cancel_slot`.
template <class Steps>
class basic_cancel_slot {
 public:
  basic_cancel_slot() noexcept = default;
  basic_cancel_slot(const basic_cancel_slot&) = delete;
  basic_cancel_slot& operator=(const basic_cancel_slot&) = delete;

  /// From the coroutine, before it waits in `operation`. False: it has been cancelled before, and does not
  /// wait; that request is used up. Wait-free.
  [[nodiscard]] bool begin(cancellable& operation) noexcept {
    std::uintptr_t found = idle;
    // (1) release: the operation, partner (3); relaxed on failure: a request carries nothing
    if (state_.compare_exchange_strong(found, number_of(operation), std::memory_order_release,
                                       std::memory_order_relaxed))
      return true;
    state_.store(idle, std::memory_order_relaxed);  // it was `requested`, and stays so for everybody else
    return false;
  }

  /// From the coroutine, when it goes on. Waits for a cancellation that is under way.
  void end(cancellable& operation) noexcept {
    for (;;) {
      std::uintptr_t found = number_of(operation);
      // (2) acquire: a cancellation has left the operation, partner (4)
      if (state_.compare_exchange_strong(found, idle, std::memory_order_acquire)) return;
      if (found != busy) return;
      Steps::pass();
      std::this_thread::yield();  // the other thread has to do one step
    }
  }

  /// Any thread. Of two at once, one may count for both.
  void cancel() noexcept {
    std::uintptr_t found = state_.load(std::memory_order_relaxed);  // a guess, which the exchange verifies
    while (found != requested && found != busy) {
      Steps::pass();
      // (3) acquire: partner (1)
      if (!state_.compare_exchange_weak(found, found == idle ? requested : busy, std::memory_order_acquire,
                                        std::memory_order_relaxed))
        continue;
      if (found == idle) return;
      auto& operation = *reinterpret_cast<cancellable*>(found);  // NOLINT: it was made in number_of()
      Steps::pass();
      const bool waited = operation.cancel(operation);
      Steps::pass();
      state_.store(waited ? idle : requested, std::memory_order_release);  // (4) partner: (2)
      return;
    }
  }

 private:
  // What the state is; every other number is the address of the operation in which the coroutine waits.
  static constexpr std::uintptr_t idle = 0;       // it does not wait
  static constexpr std::uintptr_t requested = 1;  // it has been cancelled, and has not been told
  static constexpr std::uintptr_t busy = 2;       // a thread is cancelling the operation

  static std::uintptr_t number_of(cancellable& operation) noexcept {
    return reinterpret_cast<std::uintptr_t>(&operation);
  }

  std::atomic<std::uintptr_t> state_{idle};
};

using cancel_slot = basic_cancel_slot<no_steps>;

}  // namespace handoff::stealing::detail
