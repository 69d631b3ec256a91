#include "tests/async/refused_calls.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests {

namespace {
constinit thread_local refused_epoll_pwait2* refused = nullptr;
constinit thread_local int accept4_error = 0;  // 0: it is not refused
constinit thread_local int eventfd_error = 0;  // 0: it is not refused
constinit thread_local int pipe2_error = 0;    // the same
constinit thread_local stopped_write* stopped = nullptr;
}  // namespace

refused_epoll_pwait2::refused_epoll_pwait2(int error) noexcept : error_(error) { refused = this; }
refused_epoll_pwait2::~refused_epoll_pwait2() { refused = nullptr; }

refused_accept4::refused_accept4(int error) noexcept { accept4_error = error; }
refused_accept4::~refused_accept4() { accept4_error = 0; }

refused_eventfd::refused_eventfd() noexcept { eventfd_error = EPERM; }
refused_eventfd::~refused_eventfd() { eventfd_error = 0; }

refused_descriptors::refused_descriptors() noexcept { eventfd_error = pipe2_error = EMFILE; }
refused_descriptors::~refused_descriptors() { eventfd_error = pipe2_error = 0; }

void stopped_write::hold() noexcept { stopped = this; }

}  // namespace handoff::async_tests

using handoff::async_tests::accept4_error;
using handoff::async_tests::eventfd_error;
using handoff::async_tests::pipe2_error;
using handoff::async_tests::refused;
using handoff::async_tests::stopped;

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

extern "C" {

int eventfd(unsigned count, int flags) {
  if (eventfd_error != 0) {
    errno = eventfd_error;
    return -1;
  }
  return make_eventfd(count, flags);
}

int pipe2(int* ends, int flags) {
  if (pipe2_error != 0) {
    errno = pipe2_error;
    return -1;
  }
  return make_pipe(ends, flags);
}

ssize_t write(int descriptor, const void* data, std::size_t bytes) {
  auto* const mine = std::exchange(stopped, nullptr);
  if (mine != nullptr) mine->stop(descriptor);
  const ssize_t written = write_to(descriptor, data, bytes);
  if (mine != nullptr) mine->end();
  return written;
}

int epoll_pwait2(int epoll, epoll_event* into, int room, const timespec* limit, const sigset_t* mask) {
  if (refused != nullptr) {
    errno = refused->error();
    return -1;
  }
  return static_cast<int>(::syscall(SYS_epoll_pwait2, epoll, into, room, limit, mask, sizeof(std::size_t)));
}

int epoll_wait(int epoll, epoll_event* into, int room, int limit) {
  if (refused != nullptr) {
    refused->limits.push_back(limit);
    limit = 0;
  }
  return static_cast<int>(::syscall(SYS_epoll_pwait, epoll, into, room, limit, nullptr, sizeof(std::size_t)));
}

int accept4(int listener, sockaddr* peer, socklen_t* size, int flags) {
  if (accept4_error != 0) {
    errno = accept4_error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, listener, peer, size, flags));
}
}
