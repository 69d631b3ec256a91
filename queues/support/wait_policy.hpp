// How a layered queue waits: `spin`, `yield` or `park`.
//
// A policy has a `signal` (on which a waiter waits; it costs nothing if no thread sleeps), and `wait`,
// which repeats an attempt until its result is not `busy`, or the limits end it. Precedence: what the
// attempt answers, else cancelled, else timed_out: so each look at the limits is followed by an attempt,
// and the last attempt of all is made after the limit that ends the wait.
#pragma once

#include <optional>
#include <stop_token>
#include <thread>

#include "queues/contract/concepts.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/wait_limits.hpp"

namespace handoff::support {

namespace detail {

/// The signal of a policy under which no thread ever sleeps.
struct no_signal {
  static constexpr void notify_one() noexcept {}
  template <class Wanted>
  static constexpr void notify_one_if(Wanted) noexcept {}
  static constexpr void notify_all() noexcept {}
};

/// The wait of the policies that only differ in how they pass the time.
template <class Policy>
struct polling {
  static constexpr bool parks = false;
  using signal = no_signal;

  template <class Attempt, class SurelyBusy>
  static op_status wait(signal&, op_status busy, Attempt&& attempt, SurelyBusy&&, const wait_limits& limits) {
    for (;;) {
      const auto over = limits.reached();
      if (!over) Policy::pause();
      if (const op_status status = attempt(); status != busy) return status;
      if (over) return *over;
    }
  }
};

}  // namespace detail

/// Never leaves the core. Lowest latency while there is a core for every thread; a disaster otherwise.
struct spin : detail::polling<spin> {
  static constexpr wait_kind kind = wait_kind::spin;
  static void pause() noexcept { cpu_relax(); }
};

/// Offers the core to others after each look. Burns CPU, but lets more threads than cores make progress.
struct yield : detail::polling<yield> {
  static constexpr wait_kind kind = wait_kind::yield;
  static void pause() noexcept { std::this_thread::yield(); }
};

/// Yields `Yields` times and then sleeps until notified. The yields matter: a budget below the time of a
/// wake-up (5 to 7 microseconds) is metastable, because once one side sleeps both keep sleeping.
template <unsigned Yields>
struct basic_park {
  static constexpr wait_kind kind = wait_kind::park;
  static constexpr bool parks = true;
  using signal = eventcount;

  /// `surely_busy` says after a failed attempt whether sleeping is safe: whether what would end the wait will
  /// also notify. A queue whose `empty` may be false says no while its size is not zero.
  template <class Attempt, class SurelyBusy>
  static op_status wait(signal& event, op_status busy, Attempt&& attempt, SurelyBusy&& surely_busy,
                        const wait_limits& limits) {
    for (unsigned i = 0; i < Yields; ++i) {
      const auto over = limits.reached();
      if (!over) std::this_thread::yield();
      if (const op_status status = attempt(); status != busy) return status;
      if (over) return *over;
    }
    for (;;)
      if (const auto status = park_once(event, busy, attempt, surely_busy, limits)) return *status;
  }

 private:
  /// One sleep at most. Nothing: park again.
  template <class Attempt, class SurelyBusy>
  static std::optional<op_status> park_once(signal& event, op_status busy, Attempt& attempt,
                                            SurelyBusy& surely_busy, const wait_limits& limits) {
    claim_keeper self(event);
    auto over = limits.reached();
    if (const op_status status = attempt(); status != busy) return status;  // the look after registering
    if (over) return over;
    if (!surely_busy()) {
      std::this_thread::yield();
      return std::nullopt;
    }
    sleep(event, self.waiter, limits);
    over = limits.reached();
    const op_status status = attempt();  // the wait is settled: whatever has claimed it, this look answers
    self.used = status == op_status::success || (status == busy && surely_busy());
    return status != busy ? std::optional(status) : over;
  }

  static void sleep(signal& event, eventcount::waiter& self, const wait_limits& limits) {
    std::optional<std::stop_callback<stopper>> on_stop;
    if (limits.token != nullptr && limits.token->stop_possible())
      on_stop.emplace(*limits.token, stopper{&self});
    event.sleep(self, limits.deadline);
  }

  struct stopper {
    eventcount::waiter* waiter;
    void operator()() const noexcept { waiter->stop(); }
  };

  /// Registration for one sleep. A wake-up means "look again": one that was received and not followed by a
  /// look that took an item, or found certainly none, is passed on; also when an attempt throws.
  struct claim_keeper {
    explicit claim_keeper(eventcount& e) : event(e) { event.enlist(waiter); }
    claim_keeper(const claim_keeper&) = delete;
    claim_keeper& operator=(const claim_keeper&) = delete;
    ~claim_keeper() {
      if (event.leave(waiter) && !used) event.notify_one();
    }

    eventcount& event;
    eventcount::waiter waiter;
    bool used = false;
  };
};

/// Sixteen yields, then sleep.
using park = basic_park<16>;

}  // namespace handoff::support
