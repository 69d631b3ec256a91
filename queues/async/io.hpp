// Awaitable file descriptors: non-blocking reads and writes in the words of POSIX.
//
//   const std::size_t got = co_await read_some(fd, buffer);    // 0: the end
//   co_await write_all(fd, text);
//
// A descriptor must be non-blocking and pollable (sockets, pipes, terminals; not regular files). One task at
// a time may read it, and one write it. A cancelled read has read nothing; a cancelled `write_all` may have
// written a part. Loop thread only.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <span>
#include <system_error>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

/// Waits until a descriptor is ready. Always suspends: try the operation first.
class [[nodiscard]] io_awaiter final : public waiter, private io_watch {
 public:
  io_awaiter(int fd, io_side side) noexcept : fd_(fd), side_(side) {}
  ~io_awaiter() {
    if (waits_) task().loop().io().remove(fd_, side_, *this);
  }

  bool await_ready() const noexcept { return false; }

  /// Throws what io_queue::add throws.
  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    event_loop& loop = frame.promise().state().loop();
    run = &run_io;
    loop.io().add(fd_, side_, *this);
    waits_ = true;
    suspend(frame, loop.parked());
  }

  void await_resume() const { throw_if_cancelled(); }

 private:
  void ready() override {
    waits_ = false;
    release();
  }

  const task_state* whose() const noexcept override { return &task(); }

  bool gives_way() noexcept override {
    if (linked()) return false;
    waits_ = false;
    return true;
  }

  static void run_io(ready_node& node) {
    auto& self = static_cast<io_awaiter&>(node);
    if (self.waits_) {
      self.waits_ = false;
      self.task().loop().io().remove(self.fd_, self.side_, self);
    }
    self.end_wait();
  }

  int fd_;
  io_side side_;
  bool waits_ = false;
};

/// Waits until `fd` can be read from, or written to, without blocking.
inline io_awaiter readable(int fd) noexcept { return {fd, io_side::read}; }
inline io_awaiter writable(int fd) noexcept { return {fd, io_side::write}; }

/// Throws std::system_error for the last error of the system.
[[noreturn]] inline void throw_system_error(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Whether the last call would have blocked, or was interrupted.
inline bool must_try_again() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

/// Reads what is available, waiting until something is. Returns the number of bytes; 0 at the end. Throws
/// std::system_error; `cancelled_error` in a cancelled task.
inline task<std::size_t> read_some(int fd, std::span<std::byte> into) {
  for (;;) {
    const ssize_t got = ::read(fd, into.data(), into.size());
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (!must_try_again()) throw_system_error("read");
    co_await readable(fd);
  }
}

/// Writes all of it, waiting as often as necessary. Throws as `read_some`; a closed pipe is an error, and
/// not a signal if `fd` is a socket.
inline task<> write_all(int fd, std::span<const std::byte> from) {
  while (!from.empty()) {
    ssize_t put = ::send(fd, from.data(), from.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == ENOTSOCK) put = ::write(fd, from.data(), from.size());
    if (put >= 0) {
      from = from.subspan(static_cast<std::size_t>(put));
      continue;
    }
    if (!must_try_again()) throw_system_error("write");
    co_await writable(fd);
  }
}

/// Owns a file descriptor.
class unique_fd {
 public:
  unique_fd() noexcept = default;
  explicit unique_fd(int fd) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  unique_fd& operator=(unique_fd other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace handoff::async
