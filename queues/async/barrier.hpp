// asyncio's Barrier: a fixed number of tasks meet, and continue together.
//
// Written over a condition, as CPython's is: the steps, and the order in which the tasks continue, are the
// same. The numbers are dealt when the last party arrives, not on arrival as there: the parties that pass
// have 0 … n - 1, each once, even if others were cancelled before. `wait` is a coroutine; its frame comes
// from the pool. Loop thread only.
#pragma once

#include <cstddef>
#include <limits>
#include <stdexcept>

#include "queues/async/condition.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

class barrier {
 public:
  /// Throws std::invalid_argument for 0 parties.
  explicit barrier(event_loop& loop, std::size_t parties) : changed_(loop), parties_(parties) {
    if (parties < 1) throw std::invalid_argument("a barrier needs at least one party");
  }

  ~barrier() {
    while (visit* const inside = visits_.pop_front()) inside->forget();
  }

  /// Waits until all parties do. Answers which of them this one is: 0 … parties - 1, in order of arrival,
  /// each once. Throws `broken_barrier` when it is aborted, or reset meanwhile; `cancelled_error` in a
  /// cancelled task, which then counts no more.
  task<std::size_t> wait() {
    co_await changed_.acquire();
    visit inside(*this);
    while (state_ == state::draining || state_ == state::resetting) co_await changed_.wait();
    if (state_ == state::broken) throw broken_barrier();
    inside.count();
    if (count_ == parties_) {
      number_parties();
      state_ = state::draining;
      wake_everybody();
    } else {
      while (state_ == state::filling) co_await changed_.wait();
      if (state_ != state::draining) throw broken_barrier();
    }
    co_return inside.number();
  }

  /// Sets the barrier back; all waiters get `broken_barrier`.
  task<> reset() {
    const lock::holder held = co_await changed_.hold();
    state_ = count_ > 0 ? state::resetting : state::filling;
    wake_everybody();
  }

  /// Breaks the barrier until it is reset: all present and later waiters get `broken_barrier`.
  task<> abort() {
    const lock::holder held = co_await changed_.hold();
    state_ = state::broken;
    wake_everybody();
  }

  std::size_t parties() const noexcept { return parties_; }
  std::size_t waiting() const noexcept { return state_ == state::filling ? count_ : 0; }
  bool broken() const noexcept { return state_ == state::broken; }

 private:
  enum class state : unsigned char { filling, draining, resetting, broken };

  /// One task's time inside, with the lock, however it ends. The barrier may be destroyed first.
  class visit : public support::list_link {
   public:
    explicit visit(barrier& place) noexcept : support::list_link{nullptr, nullptr}, place_(&place) {
      place.visits_.push_back(*this);
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() {
      if (place_ == nullptr) return;
      unlink();
      if (counted_ && --place_->count_ == 0) {
        if (place_->state_ != state::broken) place_->state_ = state::filling;
        place_->wake_everybody();
      }
      if (place_->changed_.locked()) place_->changed_.release();  // it is not if a loop has ended
    }

    /// It is one of the parties from here on, behind those that were counted before.
    void count() noexcept {
      counted_ = true;
      ++place_->count_;
      unlink();
      place_->visits_.push_back(*this);
    }
    bool counted() const noexcept { return counted_; }

    void set_number(std::size_t number) noexcept { number_ = number; }
    std::size_t number() const noexcept { return number_; }

    void forget() noexcept { place_ = nullptr; }

   private:
    barrier* place_;
    std::size_t number_ = 0;
    bool counted_ = false;
  };

  void number_parties() noexcept {
    std::size_t next = 0;
    visits_.for_each([&next](visit& one) {
      if (one.counted()) one.set_number(next++);
    });
  }

  void wake_everybody() noexcept { changed_.wake(std::numeric_limits<std::size_t>::max()); }

  condition changed_;
  support::intrusive_list<visit> visits_;
  const std::size_t parties_;
  std::size_t count_ = 0;
  state state_ = state::filling;
};

}  // namespace handoff::async
