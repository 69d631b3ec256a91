// A backend for coroutines with one thing wrong: it hands some operations to other queues of its own, which
// never fill, never run dry, or are closed.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "queues/coroutine.hpp"
#include "queues/coroutine_pool.hpp"
#include "tests/harness/tampering.hpp"

namespace handoff::harness_tests {

/// Promises FIFO. For the threads of the real queue.
template <template <class> class Real, class T>
class basic_faulty_loop_queue {
 public:
  using value_type = T;
  using runtime_type = typename Real<T>::runtime_type;
  class consumer_type;

  static constexpr backend_traits traits{
      .name = "faulty",
      .summary = "does one thing wrong, in coroutines",
      .reference = "none",
      .guarantee = Real<T>::traits.guarantee,
      .waits = {wait_kind::loop},
      .runs_on = execution::coroutines,
  };

  basic_faulty_loop_queue(runtime_type& runtime, std::size_t capacity)
      : real_(runtime, capacity + room_for_companions),
        abyss_(runtime, 1'000'000),
        closed_(runtime, 1),
        busy_(runtime, 1),
        tamper_(fault_plan::spared(capacity)),
        pops_(fault_plan::spared(capacity)),
        done_(fault_plan::spared(capacity)) {
    closed_.close();
    (void)busy_.try_push(T{});  // one item that is never finished
  }
  ~basic_faulty_loop_queue() {
    if (fault_plan::is(fault::hangs_in_destructor)) hang();
    if (fault_plan::is(fault::crashes_in_destructor)) std::abort();
  }
  basic_faulty_loop_queue(const basic_faulty_loop_queue&) = delete;
  basic_faulty_loop_queue& operator=(const basic_faulty_loop_queue&) = delete;

  basic_faulty_loop_queue& producer() noexcept { return *this; }
  consumer_type consumer() { return consumer_type(*this); }

  op_status try_push(T&& item) {
    const std::lock_guard lock(mutex_);
    if (fault_plan::is(fault::accepts_after_close)) return abyss_.try_push(std::move(item));
    if (real_.is_closed() || real_.size() >= real_.capacity()) return real_.try_push(std::move(item));
    const occurrence turn = tamper_.before_push(item);
    if (turn.strikes(fault::loses)) return abyss_.try_push(std::move(item));
    if (auto companion = tampering<T>::companion(turn, item)) (void)real_.try_push(std::move(*companion));
    return real_.try_push(std::move(item));
  }

  auto async_push(T&& item) {
    const std::lock_guard lock(mutex_);
    const occurrence turn = tamper_.before_push(item);
    if (turn.strikes(fault::throws_in_push)) throw std::runtime_error("this push was told to throw");
    if (turn.strikes(fault::crashes_in_push)) std::abort();
    if (turn.strikes(fault::hangs_in_push)) hang();
    if (turn.strikes(fault::closed_to_push)) return closed_.async_push(std::move(item));
    if (turn.strikes(fault::loses)) return abyss_.async_push(std::move(item));
    if (fault_plan::is(fault::overtaken) && turn.counted() && holds_back(harness::item_codec<T>::key(item)))
      return abyss_.async_push(std::move(item));
    if (turn.strikes(fault::exchanges)) {
      detained_ = harness::item_codec<T>::key(item);
      return abyss_.async_push(std::move(item));
    }
    if (detained_ && !turn.strikes_one_later(fault::exchanges)) {
      (void)real_.try_push(harness::item_codec<T>::make(*detained_));  // there is room, or it is lost
      detained_.reset();
    }
    if (auto companion = tampering<T>::companion(turn, item)) (void)real_.try_push(std::move(*companion));
    return real_.async_push(std::move(item));
  }

  auto async_join() {
    if (fault_plan::is(fault::joins_at_once)) return closed_.async_join();
    if (fault_plan::is(fault::never_joins)) return busy_.async_join();
    return real_.async_join();
  }

  void close() {
    if (fault_plan::is(fault::hangs_in_close)) hang();
    if (!fault_plan::is(fault::forgets_wake_up_at_close)) real_.close();
  }
  [[nodiscard]] bool is_closed() const { return real_.is_closed(); }

 private:
  occurrence counted(occurrences& of) {
    const std::lock_guard lock(mutex_);
    return of.count();
  }

  /// True for producer 0's items as long as they wait aside. They follow, in their order, after sixteen of
  /// producer 1's whose pushes began when producer 0 had returned from its first: as many at each as there is
  /// room for.
  bool holds_back(harness::item_key key) {
    if (harness::producer_of(key) == 0) {
      came_back_ = came_back_ || harness::sequence_of(key) == 1;
      if (harness::sequence_of(key) > 0 && aside_.empty()) return false;
      aside_.push_back(key);
      return true;
    }
    if (!came_back_ || harness::producer_of(key) != 1 || ++later_ <= 16) return false;
    while (!aside_.empty() &&
           real_.try_push(harness::item_codec<T>::make(aside_.front())) == op_status::success)
      aside_.pop_front();
    return false;
  }

  static constexpr std::size_t room_for_companions = 4;

  /// Keeps the loop's only thread in one operation forever.
  [[noreturn]] static void hang() {
    for (;;) ::pause();
  }

  Real<T> real_;
  Real<T> abyss_;     // takes everything, gives nothing
  Real<T> closed_;    // open to nobody
  Real<T> busy_;      // never done
  std::mutex mutex_;  // of what follows
  tampering<T> tamper_;
  occurrences pops_;
  occurrences done_;
  std::deque<harness::item_key> aside_;
  std::optional<harness::item_key> detained_;
  bool came_back_ = false;
  std::uint64_t later_ = 0;
};

template <template <class> class Real, class T>
class basic_faulty_loop_queue<Real, T>::consumer_type {
 public:
  explicit consumer_type(basic_faulty_loop_queue& queue)
      : queue_(queue),
        real_(queue.real_.consumer()),
        abyss_(queue.abyss_.consumer()),
        closed_(queue.closed_.consumer()) {}

  op_status try_pop(T& item) { return real_.try_pop(item); }

  auto async_pop(T& item) {
    const occurrence turn = queue_.counted(queue_.pops_);
    if (turn.strikes(fault::throws_in_pop)) throw std::runtime_error("this pop was told to throw");
    if (turn.strikes(fault::crashes_in_pop)) std::abort();
    if (turn.strikes(fault::closed_to_pop)) return closed_.async_pop(item);
    if (turn.strikes(fault::forgets_wake_up)) return abyss_.async_pop(item);
    return real_.async_pop(item);
  }

  void task_done() {
    if (queue_.counted(queue_.done_).strikes(fault::throws_in_task_done))
      throw std::runtime_error("this task_done was told to throw");
    real_.task_done();
  }

 private:
  basic_faulty_loop_queue& queue_;
  typename Real<T>::consumer_handle real_;
  typename Real<T>::consumer_handle abyss_;
  typename Real<T>::consumer_handle closed_;
};

template <class T>
using faulty_loop_queue = basic_faulty_loop_queue<coroutine, T>;
template <class T>
using faulty_parallel_queue = basic_faulty_loop_queue<coroutine_pool, T>;

static_assert(async_queue<faulty_loop_queue<harness::item_8>> &&
              closable<faulty_loop_queue<harness::item_8>>);

}  // namespace handoff::harness_tests
