#include "tests/async/refused_calls.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace handoff::async_tests {

namespace {
constinit thread_local refused_epoll_pwait2* refused = nullptr;
constinit thread_local int accept4_error = 0;  // 0: it is not refused
}  // namespace

refused_epoll_pwait2::refused_epoll_pwait2(int error) noexcept : error_(error) { refused = this; }
refused_epoll_pwait2::~refused_epoll_pwait2() { refused = nullptr; }

refused_accept4::refused_accept4(int error) noexcept { accept4_error = error; }
refused_accept4::~refused_accept4() { accept4_error = 0; }

}  // namespace handoff::async_tests

using handoff::async_tests::accept4_error;
using handoff::async_tests::refused;

extern "C" {

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
