// Calls from other threads: asyncio's `call_soon_threadsafe`.
//
//   remote far = remote_of(loop);                                  // on the loop's thread
//   std::thread worker([far] { far.call_soon([] { … }); });        // anywhere
//
// While a remote exists the loop waits for calls instead of ending: drop the remotes when no more calls
// will come. A call takes a mutex, a vector, and a wake-up of the loop (wake_up.hpp).
//
// A call is accepted or refused, and returns which. `run(work)` runs every call that it has accepted, the
// last of them when its tasks have ended, and refuses those that come afterwards. (asyncio.run forgets
// calls that come between its last pass and the end of its loop.) A loop that is run in some other way
// accepts calls as long as it exists; those that it has not run when it is destroyed are destroyed with it,
// as is what `call_soon` has scheduled.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/detail/wake_up.hpp"
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
    // release: the calls of this remote come before the look of the loop that finds no remote left
    if (port_->remotes.fetch_sub(1, std::memory_order_acq_rel) == 1)  // (2) partner: (1)
      port_->loop_wake_up.wake();
  }

  /// Runs `function` in a coming pass of the loop, which it wakes. False, and never, if the loop was
  /// destroyed or the `run(work)` that made it has ended its tasks. Throws std::bad_alloc.
  bool call_soon(std::function<void()> function) const {
    {
      const std::lock_guard guard(port_->mutex);
      if (!port_->accepts) return false;
      port_->calls.push_back(std::move(function));
    }
    port_->loop_wake_up.wake();
    return true;
  }

 private:
  friend remote remote_of(event_loop& loop);

  /// The meeting point of both sides. Belongs to the loop and to every remote.
  struct port final : io_watch {
    explicit port(event_loop& where) : loop(where) {}

    /// On the loop's thread: takes the calls over, and keeps listening while calls may come. The look at
    /// the remotes comes first: if none is left, all their calls are here.
    void ready() override {
      loop_wake_up.clear();
      listens = remotes.load(std::memory_order_acquire) > 0;  // (1) partner: (2)
      take_over(true);
      if (listens) loop.io().add(loop_wake_up.descriptor(), io_side::read, *this);
    }

    /// Schedules the calls. Returns whether there were any. `go_on`: more may come.
    bool take_over(bool go_on) {
      std::vector<std::function<void()>> taken;
      {
        const std::lock_guard guard(mutex);
        accepts = accepts && go_on;
        taken.swap(calls);
      }
      for (std::function<void()>& one : taken) async::call_soon(loop, std::move(one));
      return !taken.empty();
    }

    std::mutex mutex;
    std::vector<std::function<void()>> calls;  // guarded by the mutex
    bool accepts = true;                       // written by the loop's thread, with the mutex
    event_loop& loop;                          // may be destroyed once no call is accepted
    std::atomic<std::size_t> remotes{0};
    bool listens = false;
    const wake_up loop_wake_up;
  };

  /// The loop's share of a port.
  struct anchor final : remote_calls {
    explicit anchor(std::shared_ptr<port> which) noexcept : held(std::move(which)) {}
    ~anchor() override {
      std::vector<std::function<void()>> never;  // destroyed outside of the lock: they may hold remotes
      const std::lock_guard guard(held->mutex);
      held->accepts = false;
      never.swap(held->calls);
    }
    bool close() override {
      if (std::exchange(held->listens, false))
        held->loop.io().remove(held->loop_wake_up.descriptor(), io_side::read, *held);
      return held->take_over(false);
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
  std::unique_ptr<remote_calls>& anchored = loop.remotes();
  if (anchored == nullptr) anchored = std::make_unique<remote::anchor>(std::make_shared<remote::port>(loop));
  remote made(static_cast<remote::anchor&>(*anchored).held);
  remote::port& port = *made.port_;
  if (!port.listens && port.accepts) {
    loop.io().add(port.loop_wake_up.descriptor(), io_side::read, port);
    port.listens = true;
  }
  return made;
}

}  // namespace handoff::async
