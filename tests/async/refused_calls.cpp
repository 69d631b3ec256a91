#include "tests/async/refused_calls.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests {

namespace {

constinit thread_local refused_epoll_pwait2* refused_wait = nullptr;
constinit thread_local std::array<int, 3> errors{};  // by system_call
constinit thread_local stopped_write* stopped = nullptr;

int& error_of(system_call which) noexcept { return errors[static_cast<std::size_t>(which)]; }

/// Whether the call is refused, with errno set.
bool is_refused(system_call which) noexcept {
  if (error_of(which) == 0) return false;
  errno = error_of(which);
  return true;
}

}  // namespace

void refuse(system_call which, int error) noexcept { error_of(which) = error; }

refused_epoll_pwait2::refused_epoll_pwait2(int error) noexcept : error_(error) { refused_wait = this; }
refused_epoll_pwait2::~refused_epoll_pwait2() { refused_wait = nullptr; }

void stopped_write::hold() noexcept { stopped = this; }

}  // namespace handoff::async_tests

using handoff::async_tests::is_refused;
using handoff::async_tests::refused_wait;
using handoff::async_tests::stopped;
using handoff::async_tests::system_call;

// What goes through a descriptor orders two threads, as ThreadSanitizer knows if its own functions see it.
#if defined(HANDOFF_TEST_TSAN)
extern "C" int __interceptor_eventfd(unsigned count, int flags);
extern "C" int __interceptor_pipe2(int* ends, int flags);
extern "C" ssize_t __interceptor_write(int descriptor, const void* data, std::size_t bytes);
static int make_eventfd(unsigned count, int flags) { return __interceptor_eventfd(count, flags); }
static int make_pipe(int* ends, int flags) { return __interceptor_pipe2(ends, flags); }
static ssize_t write_to(int descriptor, const void* data, std::size_t bytes) {
  return __interceptor_write(descriptor, data, bytes);
}
#else
static int make_eventfd(unsigned count, int flags) {
  return static_cast<int>(::syscall(SYS_eventfd2, count, flags));
}
static int make_pipe(int* ends, int flags) { return static_cast<int>(::syscall(SYS_pipe2, ends, flags)); }
static ssize_t write_to(int descriptor, const void* data, std::size_t bytes) {
  return ::syscall(SYS_write, descriptor, data, bytes);
}
#endif

// Parameters are called as in the C library.
extern "C" {

int eventfd(unsigned count, int flags) {
  if (is_refused(system_call::eventfd)) return -1;
  return make_eventfd(count, flags);
}

int pipe2(int* pipedes, int flags) {
  if (is_refused(system_call::pipe2)) return -1;
  return make_pipe(pipedes, flags);
}

ssize_t write(int fd, const void* buf, std::size_t n) {
  auto* const mine = std::exchange(stopped, nullptr);
  if (mine != nullptr) mine->stop(fd);
  const ssize_t written = write_to(fd, buf, n);
  if (mine != nullptr) mine->end();
  return written;
}

int epoll_pwait2(int epfd, epoll_event* events, int maxevents, const timespec* timeout, const sigset_t* ss) {
  if (refused_wait != nullptr) {
    errno = refused_wait->error();
    return -1;
  }
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait2, epfd, events, maxevents, timeout, ss, sizeof(std::size_t)));
}

int epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout) {
  if (refused_wait != nullptr) {
    refused_wait->limits.push_back(timeout);
    timeout = 0;
  }
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, nullptr, sizeof(std::size_t)));
}

int accept4(int fd, sockaddr* addr, socklen_t* addr_len, int flags) {
  if (is_refused(system_call::accept4)) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, addr, addr_len, flags));
}
}
