// Wakes a loop that waits, from other threads and from signal handlers: an eventfd, or a pipe if the
// system refuses that, as the sandboxes of some containers do.
#pragma once

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace handoff::async {

class wake_up {
 public:
  /// Throws std::system_error if the system gives neither.
  wake_up() {
    ends_.fill(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (ends_[0] < 0 && ::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "a descriptor to wake the loop by");
  }
  wake_up(const wake_up&) = delete;
  wake_up& operator=(const wake_up&) = delete;
  ~wake_up() {
    ::close(ends_[0]);
    if (ends_[1] != ends_[0]) ::close(ends_[1]);
  }

  /// The descriptor that the loop watches: readable from `wake` until `clear`.
  int descriptor() const noexcept { return ends_[0]; }

  /// Any thread.
  void wake() const noexcept { wake(ends_[1]); }

  /// For signal handlers, to which the number of `waking_end` alone is known. Changes errno.
  static void wake(int waking_end) noexcept {
    const std::uint64_t one = 1;
    // It fails only if no more wake-ups fit, and then the loop is awake.
    [[maybe_unused]] const ssize_t written = ::write(waking_end, &one, sizeof one);
  }
  int waking_end() const noexcept { return ends_[1]; }

  /// On the loop's thread. Whatever a pipe then still holds is reported again.
  void clear() const noexcept {
    std::array<std::uint64_t, 64> some{};
    [[maybe_unused]] const ssize_t got = ::read(ends_[0], some.data(), sizeof some);
  }

 private:
  std::array<int, 2> ends_{};  // to be read from, and to be written to
};

}  // namespace handoff::async
