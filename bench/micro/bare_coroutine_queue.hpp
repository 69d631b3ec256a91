// The least that a coroutine queue on one thread can be: the limit with which the microbenchmarks compare the
// backend `coroutine`. Not a backend.
//
// It has a ring of items, a ring of what is ready, and one list of waiters per side whose nodes live in the
// awaiters; and the protocol of `async::queue`: the oldest waiter is woken, its turn comes later, and its
// awaiter then looks again and queues once more at the tail if another operation came in between. It leaves
// out cancellation, shutting down, counting unfinished items, tasks (results, exceptions, handles, what the
// loop knows of them), growing, and every check for misuse.
//
//   co_await queue.put(item);
//   T item = co_await queue.get();
//
// At most 64 coroutines per loop. One thread.
#pragma once

#include <array>
#include <bit>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace handoff::bench {

/// Something that waits, or that is ready.
struct bare_node {
  bare_node* next;
  void (*run)(bare_node&);
  std::coroutine_handle<> frame;
};

/// What is ready, in the order in which it runs.
class bare_loop {
 public:
  void ready(bare_node& node) noexcept { ring_[tail_++ % ring_.size()] = &node; }

  /// Runs until nothing is ready.
  void run() {
    while (head_ != tail_) {
      bare_node& node = *ring_[head_++ % ring_.size()];
      node.run(node);
    }
  }

 private:
  std::array<bare_node*, 64> ring_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

/// A coroutine that a `bare_loop` runs. Its frame is destroyed with the object.
class bare_task {
 public:
  struct promise_type {
    bare_task get_return_object() noexcept {
      return bare_task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };

  /// Valid only before `start`.
  bare_task(bare_task&& other) noexcept
      : start_{nullptr, other.start_.run, std::exchange(other.start_.frame, nullptr)} {}
  bare_task& operator=(bare_task&&) = delete;
  ~bare_task() {
    if (start_.frame) start_.frame.destroy();
  }

  /// Schedules the first step.
  void start(bare_loop& loop) noexcept { loop.ready(start_); }

 private:
  explicit bare_task(std::coroutine_handle<> frame) noexcept
      : start_{nullptr, [](bare_node& node) { node.frame.resume(); }, frame} {}

  bare_node start_;
};

/// `T` must be trivially copyable and default-constructible.
template <class T>
class bare_coroutine_queue {
  class waiters {
   public:
    void push(bare_node& waiter) noexcept {
      waiter.next = nullptr;
      *last_ = &waiter;
      last_ = &waiter.next;
    }
    void wake_one(bare_loop& loop) noexcept {
      bare_node* const oldest = first_;
      if (oldest == nullptr) return;
      first_ = oldest->next;
      if (first_ == nullptr) last_ = &first_;
      loop.ready(*oldest);
    }

   private:
    bare_node* first_ = nullptr;
    bare_node** last_ = &first_;
  };

 public:
  bare_coroutine_queue(bare_loop& loop, std::size_t capacity)
      : loop_(loop),
        capacity_(capacity),
        mask_(std::bit_ceil(capacity) - 1),
        items_(std::make_unique<T[]>(mask_ + 1)) {}
  bare_coroutine_queue(const bare_coroutine_queue&) = delete;
  bare_coroutine_queue& operator=(const bare_coroutine_queue&) = delete;

  class put_awaiter : bare_node {
   public:
    put_awaiter(bare_coroutine_queue& queue, const T& item) noexcept : queue_(queue), item_(item) {}
    bool await_ready() const noexcept { return queue_.has_room(); }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      this->run = [](bare_node& node) {
        auto& self = static_cast<put_awaiter&>(node);
        if (self.queue_.has_room()) return self.frame.resume();
        self.queue_.putters_.push(self);
      };
      this->frame = waiting;
      queue_.putters_.push(*this);
    }
    void await_resume() noexcept {
      queue_.items_[queue_.tail_++ & queue_.mask_] = item_;
      queue_.getters_.wake_one(queue_.loop_);
    }

   private:
    bare_coroutine_queue& queue_;
    T item_;
  };

  class get_awaiter : bare_node {
   public:
    explicit get_awaiter(bare_coroutine_queue& queue) noexcept : queue_(queue) {}
    bool await_ready() const noexcept { return queue_.has_item(); }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      this->run = [](bare_node& node) {
        auto& self = static_cast<get_awaiter&>(node);
        if (self.queue_.has_item()) return self.frame.resume();
        self.queue_.getters_.push(self);
      };
      this->frame = waiting;
      queue_.getters_.push(*this);
    }
    T await_resume() noexcept {
      const T item = queue_.items_[queue_.head_++ & queue_.mask_];
      queue_.putters_.wake_one(queue_.loop_);
      return item;
    }

   private:
    bare_coroutine_queue& queue_;
  };

  put_awaiter put(const T& item) noexcept { return put_awaiter(*this, item); }
  get_awaiter get() noexcept { return get_awaiter(*this); }

 private:
  bool has_room() const noexcept { return tail_ - head_ != capacity_; }
  bool has_item() const noexcept { return tail_ != head_; }

  bare_loop& loop_;
  std::size_t capacity_;
  std::size_t mask_;
  std::unique_ptr<T[]> items_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  waiters getters_;
  waiters putters_;
};

}  // namespace handoff::bench
