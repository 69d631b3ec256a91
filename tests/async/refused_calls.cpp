#include "tests/async/refused_calls.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace handoff::async_tests {

namespace {
constinit thread_local refused_epoll_pwait2* refused = nullptr;
}

refused_epoll_pwait2::refused_epoll_pwait2(int error) noexcept : error_(error) { refused = this; }
refused_epoll_pwait2::~refused_epoll_pwait2() { refused = nullptr; }

}  // namespace handoff::async_tests

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
}
