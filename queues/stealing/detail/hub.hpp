// What the workers of an executor share: the records that were given away, the request for more, and sleep.
//
// Everything but the request is guarded by one lock, which is taken once per steal and never by a fork that
// gives nothing away. A worker without work counts itself as idle and raises the request; whichever worker
// forks next sees it, and lists its oldest record. The request stays up while more workers are idle than
// records are listed, so that it cannot be lost: both sides of that sum, and the request itself, change under
// the lock only. It also stays up while a cancelled run has not ended.
//
// A sleeper misses nothing: it enlists, looks under the lock, and sleeps (queues/support/eventcount.hpp);
// what it waits for is written under the same lock, before the wake-up.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/continuations.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/detail/run_state.hpp"
#include "queues/stealing/detail/stack_limit.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/intrusive_list.hpp"
#include "queues/support/patient_lock.hpp"

namespace handoff::stealing::detail {

template <class Steps>
class hub;

/// A thread at work for one hub. Its fields belong to that thread, apart from `waiter` and `nudged`.
///
/// Its private branches form a list from the oldest to the newest, through `record::newer`. Those up to
/// `given` have been given away; if that is the newest, none is left. The coroutines that it can continue lie
/// in an array: what is given away leaves it.
template <class Steps>
struct worker {
  worker(hub<Steps>& to, run_state* of, worker* below) noexcept
      : shared(to), outer(below), state(of), stack(this_stack()) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// The calling thread's worker; null outside of every run.
  HANDOFF_APART_IN_CLANG static worker* current() noexcept { return of_this_thread; }
  HANDOFF_APART_IN_CLANG static void make_current(worker* w) noexcept { of_this_thread = w; }

  hub<Steps>& shared;
  worker* const outer;  // the same thread's worker for the run that this one is called in, of any hub
  awaited_record base{nullptr};
  awaited_record* newest = &base;
  awaited_record* given = &base;
  continuation_stack continuations;
  support::intrusive_list<record> ready;  // coroutines that waited, the oldest first
  run_state* state;                       // of the run that it works for at the moment
  std::coroutine_handle<> next;           // the coroutine to resume once the present one has left the stack
  const stack_limit stack;

  /// Resumes the coroutine that `next` names, and so on until it names none: the stack does not grow with a
  /// chain of coroutines, whatever the compiler makes of symmetric transfer. Then, what else is here: a
  /// parent whose child waits for something outside, the newest first, as if it had been stolen; and what is
  /// ready.
  void go_on() {
    record* const below = continuations.newest();
    ++going_on_;
    do
      while (next) std::exchange(next, nullptr).resume();
    while (find_more(below));
    --going_on_;
  }

  [[nodiscard]] bool runs_coroutines() const noexcept { return going_on_ != 0; }
  [[nodiscard]] bool has_some_to_give() const noexcept {
    return !continuations.empty() || !ready.empty() || given != newest;
  }

  /// A coroutine that waited can go on, here or on a thread that asks.
  void make_ready(record& coroutine) {
    ready.push_back(coroutine);
    if (shared.wanted()) [[unlikely]]
      shared.attend(*this);
  }

  support::eventcount::waiter waiter;  // stopped by whoever ends what this worker waits for
  std::atomic<bool> nudged{false};     // the same while it does not sleep

 private:
  static constexpr unsigned turns_to_others = 61;  // so that what others have listed does not wait for ever

  [[gnu::noinline]] bool find_more(const record* below) {
    record* found = nullptr;
    if (++turns_ % turns_to_others == 0) found = shared.take_one();
    if (found == nullptr && continuations.newest() != nullptr && continuations.newest() != below) {
      found = continuations.newest();
      static_cast<void>(continuations.pop(*found));
    }
    if (found == nullptr) found = ready.pop_front();
    if (found == nullptr) return false;
    state = found->state;
    if (found->run(*found)) shared.end(static_cast<awaited_record&>(*found));
    return true;
  }

  unsigned going_on_ = 0;  // calls of go_on, one inside the other
  unsigned turns_ = 0;
  static inline constinit thread_local worker* of_this_thread = nullptr;
};

template <class Steps>
class hub {
 public:
  using worker = detail::worker<Steps>;

  /// Whether a fork should call `attend`. Any thread; one load.
  [[nodiscard]] bool wanted() const noexcept {
    return wanted_.load(std::memory_order_relaxed);  // a hint: attend() looks under the lock
  }

  /// Gives the oldest record of the calling thread's runs away if an idle worker lacks one.
  void attend(worker& w) {
    bool wake = false;
    {
      const auto lock = support::lock_patiently(mutex_);
      if (idle_ > listed()) {
        list_oldest(w);
        wake = listed() > searching_;
      }
      settle_request();
    }
    if (wake) Steps::wake_one(sleepers_);
  }

  /// For a record that its own join has found given away. True: nobody had it yet, and it is the caller's
  /// again. False: it has run meanwhile, elsewhere; until then, the caller runs what others have given away.
  [[nodiscard]] bool take_back(worker& w, awaited_record& r) {
    {
      const auto lock = support::lock_patiently(mutex_);
      if (r.where == record::place::listed) {
        r.unlink();
        count_listed(-1);
        settle_request();
        return true;
      }
    }
    await_end(w, r);
    return false;
  }

  /// Returns once a record that `w` waits for is over; meanwhile, runs what others have given away.
  void await_end(worker& w, const record& r) {
    for (worker* at = &w; at != nullptr; at = at->outer) at->shared.list_ready(*at);
    const bool helps = stack_position() >= w.stack.help;
    while (record* other = next(w, helps, [&r] { return Steps::is_over(r); })) execute(w, *other);
  }

  /// Lists a coroutine that can go on. Any thread.
  void post(record& r) {
    bool wake = false;
    {
      const auto lock = support::lock_patiently(mutex_);
      list(r);
      wake = listed() > searching_;
      settle_request();
    }
    if (wake) Steps::wake_one(sleepers_);
  }

  /// A record that is listed, if there is one at a glance; null otherwise.
  record* take_one() {
    if (listed() == 0) return nullptr;
    const auto lock = support::lock_patiently(mutex_);
    record* const r = take_listed();
    settle_request();
    return r;
  }

  /// A record has run: its owner, which waits for that, goes on.
  void end(awaited_record& r) {
    const auto lock = support::lock_patiently(mutex_);
    Steps::mark_over(r);
    // Under the lock, without which the joiner does not leave: it takes its worker with it.
    nudge(*static_cast<worker*>(r.owner));
  }

  /// Runs what is listed, as all other workers do, until none of them has anything left to do: from then on
  /// nothing happens unless a thread that is no worker lists something. One worker at a time, and one for
  /// which `set_size` has counted.
  void await_quiet(worker& w) {
    set_awaiting_quiet(&w);
    while (record* r = next(w, true, [this] { return is_quiet(); })) execute(w, *r);
    set_awaiting_quiet(nullptr);
  }

  /// The life of a worker that has no run of its own, until `shut_down`.
  void serve(worker& w) {
    while (record* r = next(w, true, [this] { return shut_down_; })) execute(w, *r);
  }

  /// Ends `serve` in all workers. There must be no run.
  void shut_down() {
    {
      const auto lock = support::lock_patiently(mutex_);
      shut_down_ = true;
    }
    sleepers_.notify_all();
  }

  /// A run has been cancelled (+1), and has ended (-1): until then every fork attends.
  void count_cancelled(int change) {
    const auto lock = support::lock_patiently(mutex_);
    cancelled_ += static_cast<std::size_t>(change);
    settle_request();
  }

  /// How many workers the executor means to have at work: half of them may search at the same time.
  void set_size(std::size_t workers) noexcept { size_ = workers; }

  /// Workers without work, and whether any sleeps or is about to: of the moment. Any thread.
  [[nodiscard]] std::size_t idle() {
    const auto lock = support::lock_patiently(mutex_);
    return idle_;
  }
  [[nodiscard]] bool has_sleepers() const noexcept { return sleepers_.has_waiters(); }

  /// How many records have been given away since the beginning. Any thread.
  [[nodiscard]] std::uint64_t given_away() {
    const auto lock = support::lock_patiently(mutex_);
    return given_away_;
  }

 private:
  static constexpr unsigned looks = 200;  // of a searching worker, each after a pause: about ten microseconds

  /// Under the lock: a worker that searches or sleeps looks again.
  static void nudge(worker& w) {
    w.nudged.store(true, std::memory_order_relaxed);  // a hint: it looks under the lock
    Steps::wake_joiner(w.waiter);
  }

  /// Under the lock.
  [[nodiscard]] bool is_quiet() const noexcept { return Steps::is_quiet(idle_, size_, listed()); }
  void set_awaiting_quiet(worker* w) {
    const auto lock = support::lock_patiently(mutex_);
    awaits_quiet_ = w;
  }

  // A worker of the same thread for an outer run may have older records. All of its records lie below.
  void list_oldest(worker& w) noexcept {
    worker* oldest = nullptr;
    for (worker* at = &w; at != nullptr; at = at->outer)
      if (&at->shared == this && at->has_some_to_give()) oldest = at;
    if (oldest == nullptr) return;
    ++given_away_;
    if (!oldest->continuations.empty())
      list(Steps::give(oldest->continuations));
    else if (record* const ready = oldest->ready.pop_front())
      list(*ready);
    else
      list(give_branch(*oldest));
  }

  void list(record& r) noexcept {
    r.where = record::place::listed;
    records_.push_back(r);
    count_listed(+1);
  }

  /// The worker will wait, so others go on with what is ready.
  void list_ready(worker& w) {
    while (record* const r = w.ready.pop_front()) post(*r);
  }

  static record& give_branch(worker& from) noexcept {
    awaited_record& r = *from.given->newer;
    from.given = &r;
    r.owner = &from;
    r.state = from.state;  // also while it helps another run: a worker that waits has no branch left
    r.threw = false;
    return r;
  }

  record* take_listed() noexcept {
    record* const r = Steps::pick(records_);
    if (r != nullptr) count_listed(-1);
    return r;
  }

  void execute(worker& w, record& r) {
    run_state* const before = w.state;
    w.state = r.state;
    const bool over = r.run(r);
    if (!over) w.go_on();
    w.state = before;
    if (over) end(static_cast<awaited_record&>(r));
  }

  /// A record to run; null once `ended()`, which is called under the lock. Waits for either. With `helps`
  /// false, waits for the end alone.
  template <class Ended>
  record* next(worker& w, bool helps, Ended ended) {
    auto lock = support::lock_patiently(mutex_);
    record* taken = nullptr;
    const auto settled = [&] { return ended() || (helps && (taken = take_listed()) != nullptr); };
    if (!settled()) {
      if (helps) ++idle_;
      if (awaits_quiet_ != nullptr && is_quiet()) nudge(*awaits_quiet_);
      settle_request();
      do {
        const auto ready = [&] { return ended() || (helps && listed() > 0); };
        if (!search(w, lock, ready)) sleep(w, lock, ready, [&] { return helps && !ended(); });
      } while (!settled());
      if (helps) --idle_;
    }
    settle_request();
    return taken;
  }

  /// Looks for a while without the lock, unless too many do. Whether it was `ready()` then.
  template <class Ready>
  bool search(worker& w, std::unique_lock<std::mutex>& lock, Ready ready) {
    if (2 * (searching_ + 1) > size_) return false;
    ++searching_;
    w.nudged.store(false, std::memory_order_relaxed);  // under the lock: an end after this look sets it again
    lock.unlock();
    for (unsigned look = 0; look < looks; ++look) {
      // relaxed: hints; the caller looks under the lock
      if (listed_.load(std::memory_order_relaxed) != 0 || w.nudged.load(std::memory_order_relaxed)) break;
      support::cpu_relax();
    }
    lock.lock();
    --searching_;
    return ready();
  }

  /// Sleeps until woken, unless it is `ready()` already.
  template <class Ready, class Takes>
  void sleep(worker& w, std::unique_lock<std::mutex>& lock, Ready ready, Takes takes) {
    lock.unlock();
    Steps::about_to_enlist();
    sleepers_.enlist(w.waiter);
    lock.lock();
    const bool asleep = !Steps::stays_awake(ready());
    lock.unlock();
    if (asleep) sleepers_.sleep(w.waiter, nullptr);
    const bool claimed = sleepers_.leave(w.waiter);
    lock.lock();
    if (claimed && listed() > 0 && !takes()) pass_on(lock);  // the wake-up was for a record
  }

  void pass_on(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    Steps::wake_one(sleepers_);
    lock.lock();
  }

  [[nodiscard]] std::size_t listed() const noexcept {
    return listed_.load(std::memory_order_relaxed);  // under the lock, but for a glance
  }
  void count_listed(int change) noexcept {
    // relaxed: under the lock; for others it is a hint
    listed_.store(listed() + static_cast<std::size_t>(change), std::memory_order_relaxed);
  }
  void settle_request() noexcept {
    const bool yes = Steps::more_wanted(idle_, listed()) || cancelled_ > 0;
    if (yes != wanted()) Steps::request(wanted_, yes);
  }

  alignas(support::separation) std::atomic<bool> wanted_{false};  // read at each fork, written under the lock

  alignas(support::separation) std::mutex mutex_;  // of what follows, up to the sleepers
  support::intrusive_list<record> records_;
  std::atomic<std::size_t> listed_{0};  // the length of the list
  std::size_t idle_ = 0;                // workers that would run a record
  std::size_t searching_ = 0;           // workers that look without the lock; they need no wake-up
  std::size_t cancelled_ = 0;           // runs that have been cancelled and have not ended
  std::size_t size_ = 1;
  bool shut_down_ = false;
  worker* awaits_quiet_ = nullptr;
  std::uint64_t given_away_ = 0;  // records, since the beginning

  support::eventcount sleepers_;
};

}  // namespace handoff::stealing::detail
