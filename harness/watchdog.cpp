#include "harness/watchdog.hpp"

#include <fmt/format.h>

#include <utility>

#include "harness/abandon.hpp"

namespace handoff::harness {

watchdog::watchdog(std::chrono::nanoseconds limit, std::string what)
    : limit_(limit),
      what_(std::move(what)),
      deadline_(std::chrono::steady_clock::now() + limit),
      thread_([this] { watch(); }) {}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void watchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    if (std::chrono::steady_clock::now() >= deadline_)
      abandon(sample_status::timeout, fmt::format("{} did not end within {:.3g} s", what_,
                                                  std::chrono::duration<double>(limit_).count()));
    changed_.wait_until(lock, deadline_);
  }
}

}  // namespace handoff::harness
