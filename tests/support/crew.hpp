// Threads that stay: a race of two microseconds is worth repeating only if starting it takes no longer.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace handoff::testing_support {

/// A few turns of an empty loop: sets the threads of a race apart by a seeded distance.
inline void stroll(std::uint64_t turns) noexcept {
  for (std::uint64_t i = 0; i < turns; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
}

/// Lets another thread in now and then: on a single core, turns would otherwise last as long as a time slice.
template <class Random>
void take_turns(Random& random) {
  if (random.below(8) == 0) std::this_thread::yield();
}

/// `size` threads that all run the same round, `work(index)`, one round after another. One thread at a time
/// runs rounds.
class crew {
 public:
  explicit crew(unsigned size) : size_(size) {
    threads_.reserve(size);
    for (unsigned i = 0; i < size; ++i) threads_.emplace_back([this, i] { serve(i); });
  }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() {
    work_ = nullptr;
    begin_round();
    for (auto& thread : threads_) thread.join();
  }

  /// Begins a round. The caller may do its own part before it calls `finish`.
  void start(std::function<void(unsigned)> work) {
    work_ = std::move(work);
    lined_up_.store(0, std::memory_order_relaxed);  // ordered by the lock in begin_round
    finished_.store(0, std::memory_order_relaxed);  // as above
    begin_round();
  }

  /// Returns when every thread has done its part. Sleeps if that takes long.
  void finish() {
    for (unsigned i = 0; i < patience; ++i) {
      if (everybody(finished_)) return;
      std::this_thread::yield();
    }
    std::unique_lock lock(mutex_);
    all_finished_.wait(lock, [this] { return everybody(finished_); });
  }

  void run(std::function<void(unsigned)> work) {
    start(std::move(work));
    finish();
  }

  /// For the threads of a round: returns when all of them are there. At most once per round.
  void line_up() noexcept {
    lined_up_.fetch_add(1, std::memory_order_acq_rel);  // partner: itself and the load in everybody()
    for (unsigned turns = 0; !everybody(lined_up_); ++turns)
      if (turns > alertness) std::this_thread::yield();
  }

 private:
  static constexpr unsigned patience = 200;     // yields before a thread sleeps
  static constexpr unsigned alertness = 2'000;  // looks before a thread that lines up yields

  /// Places neighbours in the crew on different cores: threads that start each other all the time would
  /// otherwise share one and never meet.
  void take_core(unsigned index) noexcept {
    cpu_set_t allowed;
    if (::pthread_getaffinity_np(::pthread_self(), sizeof(allowed), &allowed) != 0) return;
    unsigned place = index % static_cast<unsigned>(CPU_COUNT(&allowed));
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (!CPU_ISSET(core, &allowed) || place-- != 0) continue;
      cpu_set_t mine;
      CPU_ZERO(&mine);
      CPU_SET(core, &mine);
      ::pthread_setaffinity_np(::pthread_self(), sizeof(mine), &mine);
      return;
    }
  }

  [[nodiscard]] bool everybody(const std::atomic<unsigned>& count) const noexcept {
    return count.load(std::memory_order_acquire) == size_;  // partner: the fetch_adds
  }

  void begin_round() {
    {
      const std::lock_guard lock(mutex_);
      // release: partner in await_round; a thread that sees the round sees the work and the counters
      round_.store(round_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    begun_.notify_all();
  }

  void await_round(std::uint64_t round) {
    for (unsigned i = 0; i < patience; ++i) {
      if (round_.load(std::memory_order_acquire) >= round) return;  // partner: begin_round
      std::this_thread::yield();
    }
    std::unique_lock lock(mutex_);
    begun_.wait(lock, [&] { return round_.load(std::memory_order_acquire) >= round; });  // as above
  }

  void serve(unsigned index) {
    take_core(index);
    for (std::uint64_t round = 1;; ++round) {
      await_round(round);
      if (!work_) return;
      work_(index);
      if (finished_.fetch_add(1, std::memory_order_acq_rel) + 1 ==  // partner: everybody() in finish()
          size_) {
        const std::lock_guard lock(mutex_);
        all_finished_.notify_all();
      }
    }
  }

  const unsigned size_;
  std::function<void(unsigned)> work_;  // written between rounds
  std::atomic<std::uint64_t> round_{0};
  std::atomic<unsigned> lined_up_{0};
  std::atomic<unsigned> finished_{0};
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable all_finished_;
  std::vector<std::thread> threads_;
};

}  // namespace handoff::testing_support
