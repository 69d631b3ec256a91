#include "harness/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/abandon.hpp"
#include "harness/watched_time.hpp"

namespace handoff::harness {

watchdog::watchdog(std::chrono::nanoseconds limit, std::string what)
    : limit_(limit), what_(std::move(what)), thread_([this] { watch(); }) {}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void watchdog::watch() {
  const auto between_looks = std::max<std::chrono::nanoseconds>(limit_ / 50, std::chrono::milliseconds{1});
  watched_time time(between_looks);
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, between_looks, [this] { return over_; }))
    if (time.look() >= limit_)
      abandon(sample_status::timeout, fmt::format("{} did not end within {:.3g} s", what_,
                                                  std::chrono::duration<double>(limit_).count()));
}

}  // namespace handoff::harness
