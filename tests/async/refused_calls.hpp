// Calls of the system that the test program answers itself, as a sandbox or an old kernel would.
#pragma once

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

/// While it lives, accept4 fails with `error` on this thread. One at a time.
class refused_accept4 {
 public:
  explicit refused_accept4(int error) noexcept;
  ~refused_accept4();
  refused_accept4(const refused_accept4&) = delete;
  refused_accept4& operator=(const refused_accept4&) = delete;
};

}  // namespace handoff::async_tests
