// What every coroutine that forks has in its frame, whatever it returns: its parent, and what has become of
// its children.
//
// Stealing and joining. A fork puts the parent into the worker's `continuations` and runs the child. If the
// parent is still there when the child is over, nobody else has seen either: the child leaves its result, and
// the parent goes on, without an atomic operation. If it is not there, it was stolen, and goes on elsewhere:
// each steal leaves one child behind that its parent must wait for. Such a child keeps its frame, with the
// result, on the parent's list of `strays`, where the join finds it.
//
// The balance of a parent: each of those children takes 1 off, in the end; the join adds how many there are.
// So it is negative until the join has come, and whoever brings it to 0 afterwards is the last one, who
// continues the parent.
//
// The design is libfork's: Williams and Elliott, Libfork: portable continuation-stealing with stackless
// coroutines (2024); there, children write to their parents' variables wherever they run.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <new>
#include <utility>

#include "queues/async/detail/frame_pool.hpp"
#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/hub.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/errors.hpp"

namespace handoff::stealing::detail {

/// How a coroutine was begun, and so who goes on when it is over.
enum class relation : std::uint8_t { root, called, forked };

/// A promise begins with it and has its alignment: so the frame's address follows from the promise's.
template <class Steps>
class alignas(16) frame : public record, public async::pooled_frame {
 public:
  using worker = detail::worker<Steps>;

  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

#if defined(__clang__)
  using async::pooled_frame::operator new;
  HANDOFF_APART_IN_CLANG static void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return async::pooled_frame::operator new(bytes, alignment);
  }
  HANDOFF_APART_IN_CLANG static void operator delete(void* memory, std::size_t bytes,
                                                     std::align_val_t alignment) noexcept {
    async::pooled_frame::operator delete(memory, bytes, alignment);
  }
#endif

  std::coroutine_handle<> handle() noexcept { return std::coroutine_handle<frame>::from_promise(*this); }

  /// From the coroutine, suspended in its fork. True: the child runs next, and the parent may be gone. False:
  /// the run is cancelled, so the child does not begin.
  bool fork(frame& child) {
    worker& w = *worker::current();
    child.parent_ = this;
    child.relation_ = relation::forked;
    child.order_ = forks_;
    state = w.state;
    w.continuations.push(*this);
    ++forks_;
    const auto next = child.handle();
    if (w.shared.wanted() && !attend_fork(w)) [[unlikely]]
      return false;
    w.next = next;
    return true;
  }

  /// From the coroutine, suspended in its call.
  void call(frame& child) noexcept {
    child.parent_ = this;
    child.relation_ = relation::called;
    worker::current()->next = child.handle();
  }

  /// Runs it as the root of a run, in the calling thread, which waits for its end.
  void run_as_root() {
    worker& w = *worker::current();
    awaited_record ended(nullptr);
    ended.owner = &w;
    ended.where = record::place::taken;
    relation_ = relation::root;
    waiting_ = &ended;
    w.next = handle();
    w.go_on();
    w.shared.await_end(w, ended);
  }

  /// Whether no child is left that a join would have to wait for. Else `suspends` decides.
  [[nodiscard]] bool has_nothing_to_await() const noexcept { return steals_ == 0; }

  /// From the coroutine, suspended in its join. True: the last child will continue it; it may be gone. False:
  /// all are over.
  [[nodiscard]] bool suspends() noexcept {
    const std::int64_t children = steals_;
    // (2) acq_rel: release, partner (1): whoever continues the coroutine sees it suspended; acquire, partner
    // (1): what the children have done
    return !Steps::all_over(balance_.fetch_add(children, std::memory_order_acq_rel) + children);
  }

  /// The end of a join: takes the results, and throws the first exception in the order of the forks.
  void conclude_join() {
    if (steals_ != 0) [[unlikely]]
      gather(true);
    forks_ = 0;
    if (error_ != nullptr) [[unlikely]]
      rethrow();
  }

  /// Throws what the coroutine itself has thrown, or a child that it did not join.
  void rethrow_if_failed() {
    if (error_ != nullptr) [[unlikely]]
      rethrow();
  }

 protected:
  frame() noexcept : record(&frame::continue_stolen) {}
  ~frame() = default;

  /// It throws: the exception comes out unless a child that was forked before has thrown.
  void unhandled_exception() noexcept { note(forks_, std::current_exception()); }

  /// Moves the result to where it belongs (or, with false, where the parent has ended: nowhere), and destroys
  /// the frame. Written by the typed promise.
  using settle_function = void (*)(frame&, bool) noexcept;

  /// The coroutine's body is over. True: it is a forked child, and its parent goes on next; the caller moves
  /// the result there and destroys the frame. False: all is done; the frame may be gone.
  [[nodiscard]] bool end(settle_function settle) noexcept {
    if (steals_ == 0) [[likely]] {
      worker& w = *worker::current();
      if (relation_ == relation::called) {
        w.next = parent_->handle();
        return false;
      }
      if (relation_ == relation::forked && w.continuations.pop(*parent_)) [[likely]] {
        w.next = parent_->handle();
        return true;
      }
    }
    end_otherwise(settle);
    return false;
  }

  /// Moves the exception, if there is one, to the parent.
  bool hand_error_on() noexcept {
    if (error_ == nullptr) [[likely]]
      return false;
    parent_->note(order_, std::move(error_));
    return true;
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  static bool continue_stolen(record& stolen) noexcept {
    auto& me = static_cast<frame&>(stolen);
    me.steals_ = Steps::stolen_again(me.steals_);
    worker::current()->next = me.handle();
    return false;
  }

  /// A request was seen.
  [[gnu::noinline, gnu::cold]] bool attend_fork(worker& w) {
    if (!w.state->stopped()) {
      w.shared.attend(w);
      return true;
    }
    static_cast<void>(w.continuations.pop(*this));
    steals_ = Steps::refused(steals_);
    note(forks_ - 1, std::make_exception_ptr(cancelled()));
    return false;
  }

  [[gnu::noinline]] void end_otherwise(settle_function settle) noexcept {
    settle_ = settle;
    if (steals_ != 0) [[unlikely]] {
      ended_ = true;
      if (suspends()) return;  // the last child goes on here
    }
    for (frame* at = this; at != nullptr;) at = at->leave(*worker::current());
  }

  /// All children are over. The ancestor whose end has waited for this one, if there is one.
  frame* leave(worker& w) noexcept {
    if (steals_ != 0) [[unlikely]]
      gather(false);
    if (relation_ == relation::root) {
      w.shared.end(*waiting_);
      return nullptr;
    }
    frame& parent = *parent_;
    if (relation_ == relation::forked) {
      if (!w.continuations.pop(parent)) [[unlikely]]
        return parent.lose(*this) ? parent.go_on(w) : nullptr;
      settle_(*this, true);
    }
    w.next = parent.handle();
    return nullptr;
  }

  /// A child of which the parent was stolen is over. True: it was the last one that the parent waits for.
  bool lose(frame& child) noexcept {
    child.next_stray_ = strays_.load(std::memory_order_relaxed);  // a guess, which the exchange verifies
    // relaxed: ordered by (1)
    while (!strays_.compare_exchange_weak(child.next_stray_, &child, std::memory_order_relaxed)) {
    }
    // (1) acq_rel: release, partner (1) and (2): the child's result; acquire, partner (2) and (1): for the
    // last one, who continues the coroutine
    return Steps::all_over(balance_.fetch_sub(1, std::memory_order_acq_rel) - 1);
  }

  frame* go_on(worker& w) noexcept {
    if (ended_) return this;
    w.next = handle();
    return nullptr;
  }

  /// Settles the strays, all of which are over.
  [[gnu::noinline, gnu::cold]] void gather(bool wanted) noexcept {
    steals_ = 0;
    frame* next = Steps::take_strays(strays_);
    while (next != nullptr) {
      frame* const stray = std::exchange(next, next->next_stray_);
      stray->settle_(*stray, wanted);
    }
  }

  void note(std::uint32_t order, std::exception_ptr error) noexcept {
    if (!Steps::comes_out(order, error_order_)) return;
    error_order_ = order;
    error_ = std::move(error);
  }

  [[noreturn, gnu::noinline, gnu::cold]] void rethrow() {
    error_order_ = none;
    std::rethrow_exception(std::exchange(error_, nullptr));
  }

  // Written by whoever begins the coroutine.
  union {
    frame* parent_;
    awaited_record* waiting_;  // of the root
  };
  std::uint32_t order_;  // among the forks of the parent since its last join
  relation relation_;
  // Written by the coroutine, wherever it runs.
  bool ended_ = false;
  std::uint32_t forks_ = 0;   // since the last join
  std::uint32_t steals_ = 0;  // of these, those of which this coroutine was stolen
  std::uint32_t error_order_ = none;
  std::exception_ptr error_;  // what comes out at the next join or, if there is none, of the coroutine
  // Written by its children that are strays.
  std::atomic<std::int64_t> balance_{0};
  std::atomic<frame*> strays_{nullptr};
  // As a stray.
  frame* next_stray_;
  settle_function settle_;
};

}  // namespace handoff::stealing::detail
