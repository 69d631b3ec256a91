#include "tests/conformance/runner/hang_watch.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "harness/threads/thread_state.hpp"
#include "tests/conformance/trial.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::conformance {

namespace {

using testing_support::slowdown;

constexpr std::chrono::milliseconds between_looks{100};
constexpr std::int64_t looks_asleep = 35;
constexpr unsigned looks_at_most = 2'000;
constexpr std::int64_t idle = 1'000'000;  // nanoseconds of processor time between two looks
constexpr std::int64_t second = 1'000'000'000;

/// In processor time.
std::int64_t limit_in_seconds() {
  static const char* const given = std::getenv("HANDOFF_TEST_LIMIT_S");
  if (given != nullptr) return std::strtoll(given, nullptr, 10);
  return slowdown == 1 ? 20 : 80;
}

/// Fewer if the limit is short: a test that expects a hang need not wait for it.
std::int64_t looks_asleep_at_most() {
  return std::clamp<std::int64_t>(2 * limit_in_seconds(), 10, looks_asleep);
}

}  // namespace

hang_watch::hang_watch(std::string test, std::uint64_t seed)
    : test_(std::move(test)),
      seed_(seed),
      used_before_(read(CLOCK_PROCESS_CPUTIME_ID)),
      thread_([this] { watch(); }) {}

hang_watch::~hang_watch() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void hang_watch::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, between_looks, [this] { return over_; }))
    if (const std::string why = verdict(); !why.empty()) end(why);
}

std::string hang_watch::verdict() {
  asleep_ = everybody_sleeps() ? asleep_ + 1 : 0;
  if (asleep_ == looks_asleep_at_most()) return "all its threads are asleep";
  const std::int64_t used = read(CLOCK_PROCESS_CPUTIME_ID) - used_before_;
  if (used > limit_in_seconds() * second)
    return "it has used " + std::to_string(used / second) + " s of processor time";
  if (++looks_ == looks_at_most) return "it is not over after minutes";
  return {};
}

bool hang_watch::everybody_sleeps() {
  const nanoseconds used = used_by_others();
  const bool were_idle = used - std::exchange(used_at_last_look_, used) < idle;
  if (!were_idle) return false;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string name = task.path().filename();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    if (thread == harness::current_thread_id()) continue;
    const auto state = harness::thread_state(thread);
    if (!state || *state != 'S') return false;
  }
  return true;
}

void hang_watch::end(const std::string& why) const {
  const std::size_t capacity = trial::last_capacity.load(std::memory_order_relaxed);  // see trial::make
  const std::string queue =
      capacity == 0 ? "" : " (its last queue was made with capacity " + std::to_string(capacity) + ")";
  std::fprintf(stderr, "watchdog: %s hangs%s: %s; repeat with HANDOFF_TEST_SEED=%llu\n", test_.c_str(),
               queue.c_str(), why.c_str(), static_cast<unsigned long long>(seed_));
  std::fflush(stderr);
  std::abort();
}

hang_watch::nanoseconds hang_watch::read(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * second + now.tv_nsec;
}

hang_watch::nanoseconds hang_watch::used_by_others() {
  return read(CLOCK_PROCESS_CPUTIME_ID) - read(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace handoff::conformance
