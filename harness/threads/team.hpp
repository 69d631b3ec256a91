// Workers: threads that are created and pinned before they get anything to do, so that no window ever
// includes the creation of a thread. They stay for many jobs, or for one.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/placement.hpp"

namespace handoff::harness {

/// Used by one coordinating thread. Construction throws std::runtime_error if a thread cannot be started or
/// placed; then none is left. An exception in a job abandons the process: the other workers would wait for
/// the one that left.
class team {
 public:
  team(unsigned workers, const placement& where);
  team(const team&) = delete;
  team& operator=(const team&) = delete;
  ~team();

  /// Runs `job(index)` on every worker. `job` must outlive the `wait()` that follows.
  void start(const std::function<void(unsigned)>& job);
  void start(std::function<void(unsigned)>&& job) = delete;  // would be gone before wait()
  /// Returns when every worker has left the job.
  void wait();

  /// As `start`, but every thread ends with the job: only one `join()` may follow.
  void start_last(const std::function<void(unsigned)>& job);
  void start_last(std::function<void(unsigned)>&& job) = delete;
  /// Returns when every thread has ended.
  void join();

  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()); }
  /// The kernel's id of a worker, for thread_state.hpp.
  [[nodiscard]] pid_t thread_id(unsigned worker) const { return ids_[worker]; }
  /// Whether every worker sleeps or has ended: none of them runs, waits for a core, or is stopped.
  [[nodiscard]] bool all_sleep() const;

 private:
  void serve(unsigned worker, const placement& where);
  void take_place(unsigned worker, const placement& where);
  void dismiss();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  const std::function<void(unsigned)>* job_ = nullptr;
  unsigned long generation_ = 0;
  unsigned running_ = 0;
  bool over_ = false;
  bool last_ = false;  // the job is the last one
  std::exception_ptr not_placed_;
  std::vector<pid_t> ids_;
  std::vector<std::thread> threads_;
};

}  // namespace handoff::harness
