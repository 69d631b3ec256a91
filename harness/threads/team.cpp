#include "harness/threads/team.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <system_error>

#include "harness/abandon.hpp"
#include "harness/threads/thread_state.hpp"

namespace handoff::harness {

team::team(unsigned workers, const placement& where) : running_(workers), ids_(workers) {
  threads_.reserve(workers);
  try {
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this, i, &where] { serve(i, where); });
  } catch (const std::system_error& refused) {
    const auto started = threads_.size();
    dismiss();
    throw std::runtime_error(
        fmt::format("cannot start worker {} of {}: {}", started + 1, workers, refused.code().message()));
  }
  wait();  // until every worker has a core and an id
  if (!not_placed_) return;
  dismiss();
  std::rethrow_exception(not_placed_);
}

team::~team() { dismiss(); }

void team::dismiss() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  join();
}

void team::join() {
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void team::start(const std::function<void(unsigned)>& job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    running_ = size();
    ++generation_;
  }
  changed_.notify_all();
}

void team::start_last(const std::function<void(unsigned)>& job) {
  {
    const std::lock_guard lock(mutex_);
    last_ = true;
  }
  start(job);
}

void team::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return running_ == 0; });
}

bool team::all_sleep() const {
  return std::all_of(ids_.begin(), ids_.end(),
                     [](pid_t id) { return thread_state(id).value_or('S') == 'S'; });
}

void team::take_place(unsigned worker, const placement& where) {
  std::exception_ptr refused;
  try {
    where.bind_current_thread(worker);
  } catch (...) {
    refused = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  ids_[worker] = current_thread_id();
  if (refused) not_placed_ = refused;
}

void team::serve(unsigned worker, const placement& where) {
  take_place(worker, where);
  std::unique_lock lock(mutex_);
  for (unsigned long seen = 0;; ++seen) {
    if (--running_ == 0) changed_.notify_all();
    changed_.wait(lock, [&] { return over_ || generation_ != seen; });
    if (over_) return;
    const auto& job = *job_;
    const bool last = last_;
    lock.unlock();
    or_abandon("a worker", [&] { job(worker); });
    if (last) return;
    lock.lock();
  }
}

}  // namespace handoff::harness
