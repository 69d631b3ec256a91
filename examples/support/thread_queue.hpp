// The patterns on threads: a queue of any threaded backend, behind one interface. An operation costs an
// indirect call here; the patterns show how producers and consumers end, not how fast they are.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "examples/support/item.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::patterns {

/// A pattern's requirements on a queue.
struct thread_needs {
  cardinality producers = cardinality::one;
  cardinality consumers = cardinality::one;
  bool join = false;
  bool cancel = false;   ///< a pop that waits must be cancellable
  bool markers = false;  ///< no marker may overtake what the same producer put before it
};

class thread_queue {
 public:
  /// For one thread, as the handles of the contract.
  class producer {
   public:
    virtual ~producer() = default;
    virtual op_status push(item&& what) = 0;
  };
  class consumer {
   public:
    virtual ~consumer() = default;
    virtual op_status pop(item& out) = 0;
    virtual op_status pop(item& out, const std::stop_token& token) = 0;
    virtual void task_done() = 0;
  };

  virtual ~thread_queue() = default;
  virtual std::unique_ptr<producer> make_producer() = 0;
  virtual std::unique_ptr<consumer> make_consumer() = 0;
  virtual void join() = 0;

  /// Takes out the remaining items, and returns how many there were. After all threads have ended.
  virtual std::size_t drain() = 0;

  /// Accepted, and not reported by task_done.
  std::size_t unfinished() const noexcept { return unfinished_.load(std::memory_order_relaxed); }

 protected:
  std::atomic<std::size_t> unfinished_{0};  // relaxed: a sum, read when all threads have been joined
};

/// A backend of the registry.
struct thread_backend {
  std::string_view name;
  std::string_view lacks;  ///< the packages that are missing; empty if the backend is available
  /// Why it cannot run a pattern with such needs, to follow its name in a sentence; none if it can. Its own
  /// waiting is preferred; if that lacks something, its layered form that parks is taken.
  std::optional<std::string> (*why_not)(const thread_needs& needs) = nullptr;
  /// If there is no reason why not.
  std::unique_ptr<thread_queue> (*make)(const thread_needs& needs, std::size_t capacity) = nullptr;
};

/// The capacity that stands for a queue without bound.
inline constexpr std::size_t unbounded = 1024;

/// How a pattern sleeps on threads: a thousandth of the time on a loop, or not at all.
class pace {
 public:
  explicit pace(bool sleeps) noexcept : sleeps_(sleeps) {}

  void sleep(std::chrono::nanoseconds on_a_loop) const {
    if (sleeps_) std::this_thread::sleep_for(on_a_loop / 1000);
  }

 private:
  bool sleeps_;
};

/// A pattern's form on threads.
struct thread_program {
  void (*run)(thread_queue& queue, pace delays) = nullptr;  ///< null: there is none
  thread_needs needs{};
  std::size_t capacity = unbounded;
};

/// Runs `program` on a queue of `backend`, which can. An exception of a thread ends the process with a
/// sentence and status 1: the others, which may wait for it, cannot be unwound.
void run_on_threads(const thread_program& program, const thread_backend& backend, pace delays);

/// Ends the process, as `run_on_threads` says; in a handler.
[[noreturn]] void give_up() noexcept;

/// A thread of a pattern. `work` may take a std::stop_token.
template <class Work>
std::jthread start(Work work) {
  return std::jthread([work = std::move(work)](const std::stop_token& token) {
    try {
      if constexpr (std::is_invocable_v<Work, const std::stop_token&>)
        work(token);
      else
        work();
    } catch (...) {
      give_up();
    }
  });
}

}  // namespace handoff::patterns
