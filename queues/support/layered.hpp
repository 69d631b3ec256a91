// The layering: a `try_queue` becomes blocking, timed, cancellable, closable and joinable. A wait policy
// (wait_policy.hpp), a close protocol (close_protocol.hpp) and a completion counter (completion.hpp) surround
// another queue's try_push and try_pop.
//
// When to use   to give a fast try-queue the whole contract
// When not      the queue waits natively and well: its own waiting knows more
// Ordering      the inner queue's
// Progress      the try forms keep the inner queue's guarantee
// Memory        128 bytes per handle, for as many as were ever alive at the same time
// close, join   after close, pushes are refused, pops drain, and all waiters wake; no accepted item is lost.
//               `closed` is answered once that is certain: while a push that began before close() is under
//               way, a pop continues to wait within its limits, and try_pop answers `empty`. join returns
//               when every accepted item is done
//
// Cost per item: for close two stores per push, on the handle's own line; for completion one per pop and one
// when the item is done; under `park` one seq_cst fence per side. Code that need not wait is always inlined:
// compilers give up on it in large translation units, and a call costs as much as the protocols do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "queues/support/close_protocol.hpp"
#include "queues/support/completion.hpp"
#include "queues/support/participants.hpp"
#include "queues/support/wait_policy.hpp"

namespace handoff::support {

/// A queue whose consumers search for items and pass wake-ups on among themselves: while `is_searched`, which
/// is asked after a fence, what is spawned need wake nobody; a consumer that `owes_wake_up` after a pop wakes
/// one then.
template <class Q>
concept passes_wake_ups_on = self_feeding<Q> && requires(const Q& seen, consumer_handle<Q>& consumer) {
  { seen.is_searched() } -> std::same_as<bool>;
  { consumer.owes_wake_up() } -> std::same_as<bool>;
};

/// A queue whose consumers hold items that they have not popped. `holds_items` says whether this one does:
/// true only if one was there at a moment, and whoever takes it steps on what is read here, before it pops.
/// The owner of the handle only.
template <class Q>
concept knows_held_items = requires(const consumer_handle<Q>& consumer) {
  { consumer.holds_items() } -> std::same_as<bool>;
};

template <try_queue Q, class Wait, class Close = announced_close, class Completion = counted_completion<Wait>>
class layered {
 public:
  using value_type = typename Q::value_type;
  static constexpr backend_traits traits = Q::traits;
  static_assert(traits.exact_empty || knows_size<Q>,
                "a queue whose `empty` may be false must know its size()");
  static_assert(traits.on_throwing_move != throwing_move::basic ||
                    (std::is_nothrow_move_constructible_v<value_type> &&
                     std::is_nothrow_move_assignable_v<value_type>),
                "close and join would wait for an item that a throwing move has lost");

  class producer_type;
  class consumer_type;

  explicit layered(std::size_t capacity) : inner_(capacity) {}
  layered(std::size_t capacity, first_position first) requires starts_anywhere<Q> : inner_(capacity, first) {}

  /// A handle for one thread at a time. Any thread may call this.
  producer_type producer() { return producer_type(*this); }
  consumer_type consumer() { return consumer_type(*this); }

  /// Refuses pushes from now on and wakes all waiters. Any thread, any number of times.
  void close() requires Close::closes {
    close_.close();
    not_full_.notify_all();
    not_empty_.notify_all();
  }

  [[nodiscard]] bool is_closed() const noexcept requires Close::closes { return close_.is_closed(); }

  /// Returns when every accepted item is done; immediately if nothing is unfinished. Any thread.
  void join() requires Completion::counts { completion_.join(everybody_); }

  [[nodiscard]] std::size_t capacity() const requires knows_capacity<Q> { return inner_.capacity(); }

  [[nodiscard]] std::size_t size() const requires knows_size<Q> { return inner_.size(); }

  [[nodiscard]] steal_counts steals() const requires counts_steals<Q> { return inner_.steals(); }

 private:
  using signal = typename Wait::signal;

  /// The parts of both handles: the inner queue's handle and a record.
  template <class InnerHandle>
  class handle {
   public:
    handle(handle&& other) noexcept
        : queue_(other.queue_),
          inner_(std::forward<InnerHandle>(other.inner_)),
          self_(std::exchange(other.self_, nullptr)),
          unfinished_(std::exchange(other.unfinished_, 0)) {}
    handle& operator=(handle&&) = delete;
    ~handle() {
      if (self_ == nullptr) return;
      queue_->completion_.leave(unfinished_);
      participant_list::give_back(*self_);
    }

    /// Attempts of this handle that found the queue full or empty. Any thread, while the handle is there.
    [[nodiscard]] std::uint64_t failed_attempts() const noexcept {
      return self_->failed_attempts.load(std::memory_order_relaxed);  // a number and nothing behind it
    }

   protected:
    handle(layered& queue, InnerHandle&& inner)
        : queue_(&queue), inner_(std::forward<InnerHandle>(inner)), self_(&queue.everybody_.take()) {}

    /// One attempt to push under the protocols: counted before the item is published, and counted as
    /// withdrawn if it was not accepted after all, also when it throws.
    template <class Attempt>
    [[gnu::always_inline]] op_status counted_push(Attempt attempt) {
      if (!begin()) [[unlikely]] {
        queue_->completion_.look_for_joiners(queue_->everybody_);
        return op_status::closed;
      }
      op_status status{};
      try {
        status = attempt();
      } catch (...) {
        withdraw();
        throw;
      }
      if (status == op_status::success) [[likely]]
        Close::leave(*self_);
      else
        withdraw();
      return status;
    }

    [[gnu::always_inline]] bool begin() {
      if constexpr (Close::closes) {
        return queue_->close_.enter(*self_);
      } else if constexpr (Completion::counts) {
        count(self_->push_steps, 2);
      }
      return true;
    }

    void withdraw() {
      if constexpr (Completion::counts) count(self_->withdrawn);
      Close::leave(*self_);
      queue_->completion_.look_for_joiners(queue_->everybody_);
    }

    layered* queue_;
    InnerHandle inner_;
    participant* self_;
    std::uint64_t unfinished_ = 0;  // items popped and not marked; a consumer's
  };

  Q inner_;
  participant_list everybody_;
  [[no_unique_address]] Close close_;
  [[no_unique_address]] Completion completion_;
  signal not_empty_;  // consumers wait on it
  signal not_full_;   // producers wait on it
};

/// One producer at a time; owner only. Progress: the inner queue's for `try_push`, blocking for the others.
template <try_queue Q, class Wait, class Close, class Completion>
class layered<Q, Wait, Close, Completion>::producer_type
    : public layered::template handle<producer_handle<Q>> {
 public:
  [[gnu::always_inline]] op_status try_push(value_type&& item) {
    const op_status status = this->counted_push([&] { return this->inner_.try_push(std::move(item)); });
    if (status == op_status::success)
      queue().not_empty_.notify_one();
    else if (status == op_status::full)
      this->self_->count_failed_attempt();
    return status;
  }

  [[gnu::always_inline]] op_status push(value_type&& item) { return push_within(std::move(item), {}); }
  op_status push(value_type&& item, const std::stop_token& token) {
    return push_within(std::move(item), {.token = &token});
  }
  op_status push_until(value_type&& item, deadline_t deadline) {
    return push_within(std::move(item), {.deadline = &deadline});
  }

 private:
  friend class layered;
  explicit producer_type(layered& queue)
      : layered::template handle<producer_handle<Q>>(queue, queue.inner_.producer()) {}

  layered& queue() const noexcept { return *this->queue_; }

  [[gnu::always_inline]] op_status push_within(value_type&& item, wait_limits limits) {
    const op_status status = try_push(std::move(item));
    return status != op_status::full ? status : wait_to_push(std::move(item), limits);
  }

  /// Whether no place is free. A queue whose places are used in turn answers `full` while the pop of the next
  /// one is under way, although another pop has freed, and reported, a later one; what it does not know it is
  /// believed.
  [[nodiscard]] bool surely_full() const {
    if constexpr (knows_size<Q> && knows_capacity<Q>)
      return queue().inner_.size() >= queue().inner_.capacity();
    else
      return true;
  }

  /// Apart, so that a push that need not wait stays small.
  [[gnu::noinline]] op_status wait_to_push(value_type&& item, wait_limits limits) {
    return Wait::wait(
        queue().not_full_, op_status::full, [&] { return try_push(std::move(item)); },
        [&] { return surely_full(); }, limits);
  }
};

/// One consumer at a time; owner only. Progress: the inner queue's for `try_pop`, blocking for the others.
template <try_queue Q, class Wait, class Close, class Completion>
class layered<Q, Wait, Close, Completion>::consumer_type
    : public layered::template handle<consumer_handle<Q>> {
 public:
  [[gnu::always_inline]] op_status try_pop(value_type& item) {
    op_status status = this->inner_.try_pop(item);
    if (status != op_status::success && queue().close_.is_closed()) [[unlikely]]
      status = pop_after_close(item);
    if (status == op_status::success) [[likely]] {
      if constexpr (Completion::counts) ++this->unfinished_;
      if constexpr (passes_wake_ups_on<Q>)
        if (this->inner_.owes_wake_up()) [[unlikely]]
          wake_next();
      if constexpr (traits.bounded) queue().not_full_.notify_one();
    } else if (status == op_status::empty) {
      this->self_->count_failed_attempt();
    }
    return status;
  }

  [[gnu::always_inline]] op_status pop(value_type& item) { return pop_within(item, {}); }
  op_status pop(value_type& item, const std::stop_token& token) {
    return pop_within(item, {.token = &token});
  }
  op_status pop_until(value_type& item, deadline_t deadline) {
    return pop_within(item, {.deadline = &deadline});
  }

  /// Pushes what this consumer has made of an item. Never waits; answers success or closed.
  op_status spawn(value_type&& item) requires self_feeding<Q> {
    const op_status status = this->counted_push([&] { return this->inner_.spawn(std::move(item)); });
    if (status == op_status::success) wake_for_what_was_spawned();
    return status;
  }

  /// Marks one popped item as processed. Throws std::logic_error when nothing that this handle popped is
  /// unfinished.
  void task_done() requires Completion::counts {
    if constexpr (knows_held_items<Q>)
      queue().completion_.task_done(*this->self_, this->unfinished_, queue().everybody_,
                                    [this] { return this->inner_.holds_items(); });
    else
      queue().completion_.task_done(*this->self_, this->unfinished_, queue().everybody_);
  }

 private:
  friend class layered;
  explicit consumer_type(layered& queue)
      : layered::template handle<consumer_handle<Q>>(queue, queue.inner_.consumer()) {}

  layered& queue() const noexcept { return *this->queue_; }

  /// Apart, so that a pop that owes nothing stays small.
  [[gnu::noinline]] void wake_next() { queue().not_empty_.notify_one(); }

  [[gnu::always_inline]] void wake_for_what_was_spawned() {
    if constexpr (passes_wake_ups_on<Q>)
      queue().not_empty_.notify_one_if([this] { return !queue().inner_.is_searched(); });
    else
      queue().not_empty_.notify_one();
  }

  /// The verdict: no push is under way any more, and after that the queue is empty. One look, never a wait:
  /// `empty` as long as a push is under way, perhaps by a thread that is off its core.
  [[gnu::noinline]] op_status pop_after_close(value_type& item) {
    const bool all_inside = queue().close_.settled(queue().everybody_);
    if (this->inner_.try_pop(item) == op_status::success) return op_status::success;
    return all_inside && surely_empty() ? op_status::closed : op_status::empty;
  }

  [[nodiscard]] bool surely_empty() const {
    if constexpr (traits.exact_empty)
      return true;
    else
      return queue().inner_.size() == 0;
  }

  /// Whether whatever ends the wait for an item will notify. The end of the last push that began before
  /// close() does not.
  [[nodiscard]] bool may_sleep() const { return surely_empty() && !queue().close_.is_closed(); }

  [[gnu::always_inline]] op_status pop_within(value_type& item, wait_limits limits) {
    const op_status status = try_pop(item);
    return status != op_status::empty ? status : wait_to_pop(item, limits);
  }

  /// Apart, so that a pop that need not wait stays small.
  [[gnu::noinline]] op_status wait_to_pop(value_type& item, wait_limits limits) {
    return Wait::wait(
        queue().not_empty_, op_status::empty, [&] { return try_pop(item); }, [&] { return may_sleep(); },
        limits);
  }
};

}  // namespace handoff::support
