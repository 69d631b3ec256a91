// Fork and join for functions: work that spawns work, spread over threads by stealing.
//
//   handoff::stealing_executor executor(4);
//   long fib(long n) {
//     if (n < 2) return n;
//     auto [x, y] = handoff::stealing::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
//     return x + y;
//   }
//   long result = executor.run([] { return fib(30); });
//
// When to use   recursive divide and conquer, parallel loops and reductions; branches of any size, also of a
//               few nanoseconds
// When not      branches that block for each other or for events outside; work that arrives item by item
//               (use a queue); dozens of cores with very little work per branch (all steals take one lock)
// Stealing      Each worker keeps its forks in a list of its own, without an atomic operation. An idle worker
//               raises a request, which every fork looks at (one relaxed load); the first worker that sees it
//               gives its oldest branch away. A worker that does not fork is not stolen from.
// Progress      A fork is wait-free unless it is asked for work; a steal takes a lock. A join whose branch
//               was stolen runs other branches meanwhile, or sleeps.
// Memory        No allocation per fork or run; a join takes some 150 bytes of stack
// Exceptions    see `join`
// Reference     Acar, Charguéraud, Rainey: Scheduling Parallel Programs by Work Stealing with Private Deques
//               (PPoPP 2013). There, a request is addressed to one worker; here, to all: one that is busy
//               with a long branch delays nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "queues/stealing/detail/fork.hpp"
#include "queues/stealing/detail/hub.hpp"
#include "queues/stealing/detail/hub_steps.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/detail/run_state.hpp"
#include "queues/stealing/errors.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff {

namespace stealing {
template <class T, class Steps>
class basic_task;
}

/// Threads that work on runs. `Steps` is for tests; use `stealing_executor`.
template <class Steps>
class basic_stealing_executor {
  using hub = stealing::detail::hub<Steps>;
  using worker = stealing::detail::worker<Steps>;

 public:
  /// `threads` work on a run: that of the caller, and `threads` - 1 that are started here and sleep while
  /// there is nothing to do. Throws std::invalid_argument for 0, std::system_error if the system gives no
  /// thread.
  ///
  /// `begin`: what each started thread calls first, with its number, from 1 on; may not throw.
  explicit basic_stealing_executor(unsigned threads = default_threads(),
                                   std::function<void(unsigned)> begin = {})
      : begin_(std::move(begin)) {
    if (threads == 0) throw std::invalid_argument("a stealing_executor needs at least one thread, not 0");
    shared_.set_size(threads);
    threads_.reserve(threads - 1);
    try {
      while (threads_.size() + 1 < threads) start_thread();
    } catch (...) {
      end_threads();
      throw;
    }
  }
  basic_stealing_executor(const basic_stealing_executor&) = delete;
  basic_stealing_executor& operator=(const basic_stealing_executor&) = delete;

  /// There must be no run.
  ~basic_stealing_executor() { end_threads(); }

  /// Calls `f()` on the calling thread, inside which `join` and what builds on it fork. Returns its result or
  /// throws its exception, and does not return before every branch is over. Throws stealing::cancelled if
  /// `stop` is triggered and a fork sees that.
  ///
  /// Any thread; several at once, each of which is one worker more. Also inside a run: if that is of the same
  /// executor, its stop stops this run, too; if it is of another, this thread gives nothing of that away
  /// meanwhile.
  template <class F>
  std::decay_t<std::invoke_result_t<F&>> run(F&& f, std::stop_token stop = {}) {
    stealing::detail::run_state state(enclosing());
    const cancellation ends(shared_, state, std::move(stop));
    worker self(shared_, &state, worker::current());
    const as_current here(self);
    return f();
  }

  /// The same for a coroutine that has not begun (queues/stealing/task.hpp): returns its result or throws its
  /// exception. What is said of forks holds of `co_await fork`; the calling thread runs whatever it finds
  /// until the coroutine is over.
  template <class T>
  T run(stealing::basic_task<T, Steps> work, std::stop_token stop = {}) {
    return run([&] { return work.run_as_root(); }, std::move(stop));
  }

  /// For coroutines that wait outside of fork and join: makes `begun` ready, the first one first, and returns
  /// once every coroutine has ended or waits, and no thread has anything left to do. One thread at a time,
  /// and beside no other run. `state` is theirs for as long as they live.
  void run_until_quiet(stealing::detail::run_state& state,
                       support::intrusive_list<stealing::detail::record>& begun) {
    worker self(shared_, &state, worker::current());
    const as_current here(self);
    while (stealing::detail::record* const one = begun.pop_front()) {
      one->state = &state;
      self.make_ready(*one);
    }
    self.go_on();
    shared_.await_quiet(self);
  }

  /// From a coroutine of such a run: one more. False: the calling thread runs none of this executor's.
  [[nodiscard]] bool try_begin(stealing::detail::record& one) {
    worker* const w = worker::current();
    if (w == nullptr || &w->shared != &shared_ || !w->runs_coroutines()) return false;
    one.state = w->state;
    w->make_ready(one);
    return true;
  }

  /// How many threads work on a run: as constructed.
  [[nodiscard]] unsigned threads() const noexcept { return static_cast<unsigned>(threads_.size()) + 1; }

  /// How many threads have nothing to do at the moment; whether any of them sleeps or is about to; and how
  /// many branches have been given away to idle threads since construction. Any thread; the first and the
  /// last lock.
  [[nodiscard]] std::size_t idle_threads() { return shared_.idle(); }
  [[nodiscard]] bool has_sleeping_threads() const noexcept { return shared_.has_sleepers(); }
  [[nodiscard]] std::uint64_t given_away() { return shared_.given_away(); }

  /// For `stealing::join`.
  template <class A, class B>
  [[gnu::always_inline]] static stealing::detail::pair_of<A, B> join(A& a, B& b) {
    worker* const w = worker::current();
    if (w != nullptr) [[likely]]
      return stealing::detail::fork(*w, a, b);
    if constexpr (std::is_void_v<stealing::detail::pair_of<A, B>>) {
      a();
      b();
    } else {
      auto x = stealing::detail::call(a);
      return {std::move(x), stealing::detail::call(b)};
    }
  }

  static unsigned default_threads() noexcept {
    const unsigned cores = std::thread::hardware_concurrency();
    return cores > 0 ? cores : 1;
  }

 private:
  /// While it lives, the calling thread works for `self`.
  class as_current {
   public:
    explicit as_current(worker& self) noexcept : before_(worker::current()) { worker::make_current(&self); }
    as_current(const as_current&) = delete;
    as_current& operator=(const as_current&) = delete;
    ~as_current() { worker::make_current(before_); }

   private:
    worker* const before_;
  };

  /// While it lives, a stop of the token reaches the run at its next fork.
  class cancellation {
   public:
    cancellation(hub& shared, stealing::detail::run_state& state, std::stop_token stop)
        : counted_{shared}, callback_(std::move(stop), request{state, counted_}) {}

   private:
    struct counted {
      hub& shared;
      bool yes = false;
      ~counted() {
        if (yes) shared.count_cancelled(-1);
      }
    };
    struct request {
      stealing::detail::run_state& state;
      counted& count;
      void operator()() noexcept {
        state.stop();
        count.yes = true;
        count.shared.count_cancelled(+1);
      }
    };

    counted counted_;
    std::stop_callback<request> callback_;  // destroyed first: afterwards, nobody calls it
  };

  /// The calling thread's run of this executor that is nearest, or null.
  const stealing::detail::run_state* enclosing() const noexcept {
    for (const worker* at = worker::current(); at != nullptr; at = at->outer)
      if (&at->shared == &shared_) return at->state;
    return nullptr;
  }

  void start_thread() {
    threads_.emplace_back([this, number = static_cast<unsigned>(threads_.size()) + 1]() noexcept {
      if (begin_) begin_(number);
      serve();
    });
  }

  void serve() {
    stealing::detail::run_state none(nullptr);
    worker self(shared_, &none, nullptr);
    const as_current here(self);
    shared_.serve(self);
  }

  void end_threads() {
    shared_.shut_down();
    for (std::thread& thread : threads_) thread.join();
  }

  hub shared_;
  const std::function<void(unsigned)> begin_;
  std::vector<std::thread> threads_;
};

using stealing_executor = basic_stealing_executor<stealing::detail::steps>;

namespace stealing {

/// Calls `a()` and `b()`, perhaps at the same time, and returns when both are over: nothing if both return
/// nothing, otherwise a pair of their results, by value, std::monostate for nothing.
///
/// Inside a run of a stealing_executor, `a` runs on the calling thread, and `b` on an idle one if one asks in
/// time, otherwise on the calling thread after `a`. Outside of every run, both run on the calling thread.
///
/// The thread's worker is found through a thread_local variable, so that forks need no argument; handing a
/// reference down is not measurably faster.
///
/// If `a` throws, its exception comes out: `b` is not begun any more, or its end is awaited and its own
/// exception dropped. If only `b` throws, its exception comes out. Throws cancelled, too, and
/// stack_exhausted, before either has begun.
template <class A, class B>
[[gnu::always_inline]] inline auto join(A&& a, B&& b) {
  return stealing_executor::join(a, b);
}

}  // namespace stealing
}  // namespace handoff
