// The handles of broken_queue.
#pragma once

#include "tests/conformance/broken/broken_queue.hpp"

namespace handoff::conformance::broken {

template <class T>
class broken_queue<T>::producer_type {
 public:
  op_status try_push(T&& item) {
    queue_->dawdle();
    if (is(fault::looks_at_close_too_early)) {
      if (queue_->is_closed()) return op_status::closed;
      queue_->until_told_closed_.hold();
    }
    if (is(fault::looks_at_the_bound_too_early)) {
      const bool was_full = queue_->size() >= queue_->capacity_;
      std::this_thread::yield();
      if (was_full) return refused(std::move(item), op_status::full);
    }
    std::unique_lock lock = queue_->lock_for_a_try();
    queue_->hold_the_lock_a_while();
    const bool is_full = queue_->is_full() && !is(fault::looks_at_the_bound_too_early);
    if (is(fault::full_before_closed) && is_full) return refused(std::move(item), op_status::full);
    if (refuses()) return refused(std::move(item), op_status::closed);
    if (is_full) return refused(std::move(item), op_status::full);
    return insert(std::move(item), lock);
  }

  op_status push(T&& item) { return push_within(std::move(item), {}); }
  op_status push(T&& item, const std::stop_token& token) {
    return push_within(std::move(item), {.token = &token});
  }
  op_status push_until(T&& item, deadline_t deadline) {
    return push_within(std::move(item), {.deadline = &deadline});
  }
  std::uint64_t failed_attempts() const { return is(fault::counts_no_failures) ? 0 : failed_; }

 private:
  friend class broken_queue;
  explicit producer_type(broken_queue& queue) : queue_(&queue), place_(queue) {}

  bool refuses() const {
    return queue_->closed_ && !is(fault::accepts_after_close) && !is(fault::looks_at_close_too_early);
  }

  /// Called with the lock held.
  op_status refused(T&& item, op_status why) {
    if (why == op_status::full) ++failed_;
    if (is(fault::joins_refused_pushes)) ++queue_->unfinished_;
    if ((is(fault::moves_the_argument_when_full) && why == op_status::full) ||
        (is(fault::moves_the_argument_when_closed) && why == op_status::closed) ||
        (is(fault::moves_the_argument_when_timed_out) && why == op_status::timed_out) ||
        (is(fault::moves_the_argument_when_cancelled) && why == op_status::cancelled)) [[maybe_unused]]
      const T gone = std::move(item);
    return why;
  }

  op_status push_within(T&& item, const limits& l) {
    if (is(fault::looks_at_close_too_early) && queue_->is_closed()) return op_status::closed;
    const typename broken_queue::stop_wakes wake(*queue_, l);
    std::unique_lock lock(queue_->mutex_);
    queue_->contended_ = false;
    if (is(fault::cancelled_before_success) && l.stopped()) return op_status::cancelled;
    if (is(fault::timed_out_before_success) && l.late()) return op_status::timed_out;
    if (is(fault::cancelled_before_closed) && l.stopped() && queue_->closed_) return op_status::cancelled;
    if (refuses()) return refused(std::move(item), op_status::closed);
    const op_status status = queue_->wait(
        lock, queue_->not_full_, [this] { return queue_->is_full(); }, l, is(fault::ignores_a_stop_in_push));
    if (status != op_status::success) return refused(std::move(item), status);
    if (refuses()) return refused(std::move(item), op_status::closed);
    if (queue_->size_ >= queue_->slots_) return refused(std::move(item), op_status::closed);
    return insert(std::move(item), lock);
  }

  op_status insert(T&& item, std::unique_lock<std::mutex>& lock) {
    if (place_.beyond_the_table()) [[maybe_unused]]
      const T lost = std::move(item);
    else
      queue_->insert(std::move(item), lock);
    return op_status::success;
  }

  /// A handle's place among those of the queue.
  class place {
   public:
    explicit place(broken_queue& queue) : queue_(&queue) {
      const std::lock_guard lock(queue.mutex_);
      alive_before_ = queue.handles_++;
      made_before_ = queue.handles_made_++;
    }
    place(place&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)),
          alive_before_(other.alive_before_),
          made_before_(other.made_before_) {}
    place& operator=(place&&) = delete;
    ~place() {
      if (queue_ == nullptr) return;
      const std::lock_guard lock(queue_->mutex_);
      --queue_->handles_;
    }
    [[nodiscard]] bool beyond_the_table() const {
      return (is(fault::holds_sixteen_handles) && alive_before_ >= 16) ||
             (is(fault::numbers_handles_in_sixteen_bits) && made_before_ > 0xffff);
    }

   private:
    broken_queue* queue_;
    std::size_t alive_before_ = 0;
    std::size_t made_before_ = 0;
  };

  broken_queue* queue_;
  place place_;
  std::uint64_t failed_ = 0;
};

template <class T>
class broken_queue<T>::consumer_type {
 public:
  consumer_type(consumer_type&& other) noexcept
      : queue_(other.queue_), mine_(std::exchange(other.mine_, 0)) {}
  consumer_type& operator=(consumer_type&&) = delete;
  ~consumer_type() {
    if (mine_ == 0 || is(fault::forgets_the_counts_of_a_handle)) return;
    const std::lock_guard lock(queue_->mutex_);
    queue_->left_undone_ += mine_;
  }

  op_status try_pop(T& item) {
    queue_->dawdle();
    std::unique_lock lock(queue_->mutex_, std::defer_lock);
    if (!is(fault::answers_empty_when_contended))
      lock = queue_->lock_for_a_try();
    else if (!lock.try_lock())
      return op_status::empty;
    queue_->hold_the_lock_a_while();
    if (queue_->is_empty() || queue_->forgotten_) {
      if (queue_->closed_) {
        queue_->until_told_closed_.end();
        return op_status::closed;
      }
      ++failed_;
      return op_status::empty;
    }
    if (is(fault::answers_empty_now_and_then) && ++looks_ % 50 == 0) return op_status::empty;
    return take(item, lock);
  }

  op_status pop(T& item) { return pop_within(item, {}); }
  op_status pop(T& item, const std::stop_token& token) { return pop_within(item, {.token = &token}); }
  op_status pop_until(T& item, deadline_t deadline) { return pop_within(item, {.deadline = &deadline}); }

  void task_done() {
    const std::lock_guard lock(queue_->mutex_);
    if (is(fault::accepts_any_task_done) && mine_ == 0) return;
    std::size_t& credit = mine_ > 0 ? mine_ : queue_->left_undone_;
    if (credit == 0) throw std::logic_error("task_done() without an item");
    --credit;
    finish();
  }
  std::uint64_t failed_attempts() const { return is(fault::counts_no_failures) ? 0 : failed_; }

 private:
  friend class broken_queue;
  explicit consumer_type(broken_queue& queue) : queue_(&queue) {}

  op_status take(T& item, std::unique_lock<std::mutex>& lock) {
    if (is(fault::credits_a_pop_that_threw)) count_pop();
    try {
      queue_->take(item, lock);
    } catch (...) {
      if (is(fault::finishes_an_item_whose_pop_threw)) finish();
      throw;
    }
    if (!is(fault::credits_a_pop_that_threw)) count_pop();
    return op_status::success;
  }

  void count_pop() {
    if (is(fault::counts_pops_for_everybody))
      ++queue_->left_undone_;
    else
      ++mine_;
  }

  void finish() {
    --queue_->unfinished_;
    if (is(fault::never_ends_a_join)) return;
    if (is(fault::wakes_one_joiner))
      queue_->done_.notify_one();
    else
      queue_->done_.notify_all();
  }

  op_status pop_within(T& item, const limits& l) {
    const typename broken_queue::stop_wakes wake(*queue_, l);
    std::unique_lock lock(queue_->mutex_);
    queue_->contended_ = false;
    if (is(fault::cancelled_before_success) && l.stopped()) return op_status::cancelled;
    if (is(fault::timed_out_before_success) && l.late()) return op_status::timed_out;
    const op_status status = queue_->wait(
        lock, queue_->not_empty_, [this] { return queue_->is_empty() || queue_->forgotten_; }, l,
        is(fault::ignores_a_stop_in_pop));
    if (status != op_status::success) return status;
    if (queue_->size_ == 0) return op_status::success;  // fault: nothing was there
    return take(item, lock);
  }

  broken_queue* queue_;
  std::size_t mine_ = 0;  // popped here and not yet done
  std::uint64_t failed_ = 0;
  std::uint64_t looks_ = 0;
};

}  // namespace handoff::conformance::broken
