// Calls from other threads: asyncio's `call_soon_threadsafe`.
//
//   remote far = remote_of(loop);                                  // on the loop's thread
//   std::thread worker([far] { far.call_soon([] { … }); });        // anywhere
//
// While a remote exists the loop waits for calls where it would otherwise end: let go of them when nobody
// will call. The way of a call: a mutex, a vector, and an eventfd that wakes the loop.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

/// Thread-safe; copy it freely.
class remote {
 public:
  remote(const remote& other) noexcept : port_(other.port_) {
    port_->remotes.fetch_add(1, std::memory_order_relaxed);  // relaxed: `other` keeps the count above 0
  }
  remote& operator=(const remote&) = delete;
  ~remote() {
    // release: what this remote has called comes before the look of the loop that sees the last one gone
    if (port_->remotes.fetch_sub(1, std::memory_order_acq_rel) == 1)  // (2) partner: (1)
      port_->wake();
  }

  /// Runs `function` in a coming pass of the loop, which it wakes. False, and never, where the loop has gone.
  /// Throws std::bad_alloc.
  bool call_soon(std::function<void()> function) const {
    {
      const std::lock_guard guard(port_->mutex);
      if (port_->loop == nullptr) return false;
      port_->calls.push_back(std::move(function));
    }
    port_->wake();
    return true;
  }

 private:
  friend remote remote_of(event_loop& loop);

  /// Where both sides meet. Belongs to the loop and to every remote.
  struct port final : io_watch {
    explicit port(event_loop& where) : loop(&where), event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
      if (event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~port() { ::close(event); }

    void wake() const noexcept {
      const std::uint64_t one = 1;
      // It fails only where the count is at its bound, and then the loop is awake.
      [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof one);
    }

    /// On the loop's thread: takes the calls over, and listens on while somebody may call. The look at the
    /// remotes comes first: where none is left, their calls are all here.
    void ready() override {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = ::read(event, &count, sizeof count);
      listens = remotes.load(std::memory_order_acquire) > 0;  // (1) partner: (2)
      std::vector<std::function<void()>> taken;
      {
        const std::lock_guard guard(mutex);
        taken.swap(calls);
      }
      for (std::function<void()>& one : taken) async::call_soon(*loop, std::move(one));
      if (listens) loop->io().add(event, io_side::read, *this);
    }

    std::mutex mutex;
    std::vector<std::function<void()>> calls;
    event_loop* loop;  // null once the loop is gone
    std::atomic<std::size_t> remotes{0};
    bool listens = false;
    const int event;
  };

  /// The loop's share of a port: tells it of the loop's end.
  struct anchor {
    explicit anchor(std::shared_ptr<port> which) noexcept : held(std::move(which)) {}
    ~anchor() {
      std::vector<std::function<void()>> never;  // they go outside of the lock: they may hold remotes
      const std::lock_guard guard(held->mutex);
      held->loop = nullptr;
      never.swap(held->calls);
    }
    std::shared_ptr<port> held;
  };

  explicit remote(std::shared_ptr<port> which) noexcept : port_(std::move(which)) {
    port_->remotes.fetch_add(1, std::memory_order_relaxed);  // relaxed: on the thread that looks for 0
  }

  std::shared_ptr<port> port_;
};

/// A remote of `loop`; on its thread. Throws std::system_error when the system has no more descriptors.
inline remote remote_of(event_loop& loop) {
  std::shared_ptr<void>& anchored = loop.remote_port();
  if (anchored == nullptr) anchored = std::make_shared<remote::anchor>(std::make_shared<remote::port>(loop));
  remote made(std::static_pointer_cast<remote::anchor>(anchored)->held);
  remote::port& port = *made.port_;
  if (!port.listens) {
    loop.io().add(port.event, io_side::read, port);
    port.listens = true;
  }
  return made;
}

}  // namespace handoff::async
