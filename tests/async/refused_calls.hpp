// Calls of the system that the test program answers itself, as a sandbox or an old kernel would, or holds up.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace handoff::async_tests {

/// While it lives, epoll_pwait2 fails with `error` on this thread. One at a time.
class refused_epoll_pwait2 {
 public:
  explicit refused_epoll_pwait2(int error) noexcept;
  ~refused_epoll_pwait2();
  refused_epoll_pwait2(const refused_epoll_pwait2&) = delete;
  refused_epoll_pwait2& operator=(const refused_epoll_pwait2&) = delete;

  int error() const noexcept { return error_; }

  /// The limits that epoll_wait was then called with, in milliseconds. None of them is waited for: what is
  /// ready is told.
  std::vector<int> limits;

 private:
  int error_;
};

enum class system_call : unsigned char { accept4, eventfd, pipe2 };

/// The error with which it fails on this thread from here on; 0: it does what it does.
void refuse(system_call which, int error) noexcept;

/// While it lives, these calls fail with `error` on this thread. One at a time of each.
template <system_call... Which>
class refused {
 public:
  explicit refused(int error) noexcept { (refuse(Which, error), ...); }
  ~refused() { (refuse(Which, 0), ...); }
  refused(const refused&) = delete;
  refused& operator=(const refused&) = delete;
};

/// The next write of the thread that holds it stops before it is made, until another thread lets it go on.
/// Fit for signal handlers.
class stopped_write {
 public:
  /// The thread whose write it is.
  void hold() noexcept;

  /// The descriptor that the write is for; -1 until it has come.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.load(); }
  void await() const noexcept {
    while (descriptor() < 0) std::this_thread::yield();
  }
  void go_on() noexcept { going_.store(true); }
  [[nodiscard]] bool over() const noexcept { return over_.load(); }

  /// Called by the write.
  void stop(int descriptor) noexcept {
    descriptor_.store(descriptor);
    while (!going_.load()) std::this_thread::yield();
  }
  void end() noexcept { over_.store(true); }

 private:
  std::atomic<int> descriptor_{-1};
  std::atomic<bool> going_{false};
  std::atomic<bool> over_{false};
};

}  // namespace handoff::async_tests
