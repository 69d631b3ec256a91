// The loop's third queue: tasks that wait for file descriptors, by epoll. One reader and one writer
// per descriptor. Nothing is asked of the system before the first wait. Loop thread only.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace handoff::async {

class task_state;

/// Notified once that its descriptor is ready, or has an error to be read from it.
class io_watch {
 public:
  io_watch(const io_watch&) = delete;
  io_watch& operator=(const io_watch&) = delete;

  /// The task that waits, if it is one; for observers of the loop.
  virtual const task_state* whose() const noexcept { return nullptr; }

 protected:
  /// `background`: it is notified while the loop runs for other reasons, and does not keep it running.
  explicit io_watch(bool background = false) noexcept : background_(background) {}
  ~io_watch() = default;

  virtual void ready() = 0;

  /// Somebody else is to wait for the same: whether its own wait is over, by a cancellation that it has not
  /// had its turn for. It is then neither notified nor removed.
  virtual bool gives_way() noexcept { return false; }

 private:
  friend class io_queue;
  bool background_;
};

/// Which readiness is waited for.
enum class io_side : unsigned char { read, write };

class io_queue {
 public:
  io_queue() noexcept = default;
  io_queue(const io_queue&) = delete;
  io_queue& operator=(const io_queue&) = delete;
  ~io_queue() {
    if (epoll_ >= 0) ::close(epoll_);
  }

  /// Nobody waits.
  bool empty() const noexcept { return waiting_ + in_background_ == 0; }

  /// How many wait, those in the background not counted.
  std::size_t size() const noexcept { return waiting_; }

  /// Notifies `watch` once. Throws std::logic_error if another task already waits for the same and has not
  /// been cancelled, and std::system_error if the system refuses (a regular file is always ready: epoll
  /// takes none).
  void add(int fd, io_side side, io_watch& watch) {
    if (fd < 0) throw std::system_error(EBADF, std::generic_category(), "waiting for a file descriptor");
    if (epoll_ < 0) open();
    if (static_cast<std::size_t>(fd) >= files_.size()) files_.resize(static_cast<std::size_t>(fd) + 1);
    io_watch*& place = files_[static_cast<std::size_t>(fd)][index(side)];
    if (place != nullptr) make_way(place);
    place = &watch;
    try {
      update(fd);
    } catch (...) {
      place = nullptr;
      throw;
    }
    ++count_of(watch);
  }

  /// Takes `watch` out, if it has not been notified.
  void remove(int fd, io_side side, const io_watch& watch) noexcept {
    io_watch*& place = files_[static_cast<std::size_t>(fd)][index(side)];
    if (place != &watch) return;
    place = nullptr;
    --count_of(watch);
    drop_interest(fd);
  }

  /// Calls `visit(fd, side, watch)` for each that waits.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t fd = 0; fd < files_.size(); ++fd)
      for (const io_side side : {io_side::read, io_side::write})
        if (const io_watch* const watch = files_[fd][index(side)]; watch != nullptr)
          visit(static_cast<int>(fd), side, *watch);
  }

  /// Notifies those whose descriptors are ready; waits for one until `limit` has passed (none: forever).
  void poll(std::optional<std::chrono::nanoseconds> limit) {
    std::array<epoll_event, 64> events;
    const int count = wait(events.data(), static_cast<int>(events.size()), limit);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      tell(fd, io_side::read, broken || (event.events & EPOLLIN) != 0);
      tell(fd, io_side::write, broken || (event.events & EPOLLOUT) != 0);
      drop_interest(fd);
    }
  }

 private:
  using file = std::array<io_watch*, 2>;

  std::size_t& count_of(const io_watch& watch) noexcept {
    return watch.background_ ? in_background_ : waiting_;
  }

  static std::size_t index(io_side side) noexcept { return static_cast<std::size_t>(side); }

  void make_way(io_watch*& place) {
    if (!place->gives_way()) throw std::logic_error("two tasks wait for the same side of a file descriptor");
    --count_of(*place);
    place = nullptr;
  }

  void open() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }

  void tell(int fd, io_side side, bool is_ready) {
    io_watch*& place = files_[static_cast<std::size_t>(fd)][index(side)];
    if (!is_ready || place == nullptr) return;
    io_watch& told = *place;
    place = nullptr;
    --count_of(told);
    told.ready();
  }

  static unsigned wanted(const file& sides) noexcept {
    return (sides[0] != nullptr ? EPOLLIN : 0U) | (sides[1] != nullptr ? EPOLLOUT : 0U);
  }

  void update(int fd) {
    epoll_event event{};
    event.events = wanted(files_[static_cast<std::size_t>(fd)]);
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0) return;
    if (errno == ENOENT && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return;
    throw std::system_error(errno, std::generic_category(), "waiting for a file descriptor");
  }

  /// After a watch was removed. A descriptor that was closed meanwhile has left by itself.
  void drop_interest(int fd) noexcept {
    epoll_event event{};
    event.events = wanted(files_[static_cast<std::size_t>(fd)]);
    event.data.fd = fd;
    ::epoll_ctl(epoll_, event.events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, fd, &event);
  }

  /// Waits to the nanosecond if the system allows it: kernels before 5.11 and the sandboxes of some
  /// containers refuse epoll_pwait2, each with an error of its own.
  int wait(epoll_event* into, int room, std::optional<std::chrono::nanoseconds> limit) {
    if (limit) limit = std::max(*limit, std::chrono::nanoseconds::zero());
    if (!refused_) {
      const int count = wait_exactly(into, room, limit);
      if (count >= 0) return count;
      if (errno == EINTR) return 0;
      refused_ = true;
    }
    const int count = ::epoll_wait(epoll_, into, room, in_milliseconds(limit));
    if (count >= 0) return count;
    if (errno == EINTR) return 0;
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  }

  int wait_exactly(epoll_event* into, int room, std::optional<std::chrono::nanoseconds> limit) const {
    timespec time{};
    if (limit) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*limit);
      time.tv_sec = seconds.count();
      time.tv_nsec = (*limit - seconds).count();
    }
    return ::epoll_pwait2(epoll_, into, room, limit ? &time : nullptr, nullptr);
  }

  /// Rounded up: a loop that wakes too early must look again. At most an hour, after which it looks again.
  static int in_milliseconds(std::optional<std::chrono::nanoseconds> limit) {
    if (!limit) return -1;
    constexpr std::chrono::nanoseconds longest = std::chrono::hours(1);
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(std::min(*limit, longest)).count());
  }

  int epoll_ = -1;
  bool refused_ = false;     // epoll_pwait2 was
  std::vector<file> files_;  // by descriptor: the waiters of its two sides
  std::size_t waiting_ = 0;
  std::size_t in_background_ = 0;
};

}  // namespace handoff::async
