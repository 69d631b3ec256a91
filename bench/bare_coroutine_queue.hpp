// The least that a coroutine queue on one thread can be: the limit that the microbenchmarks compare the
// backend `coroutine` with. Not a backend.
//
// What it has: a ring of items, a ring of ready coroutines, and one list of waiters a side whose nodes live
// in the awaiters; the same protocol as `async::queue` (the oldest waiter is woken, its turn comes later, the
// operation is then tried again, barging is possible). What it leaves out: cancellation, shutting down,
// counting unfinished items, tasks (results, exceptions, handles), growing, and every check of misuse.
//
//   while (!queue.try_put(item)) co_await queue.room();
//   while (!queue.try_get(item)) co_await queue.item();
//
// Never more than 64 coroutines on one loop. One thread.
#pragma once

#include <array>
#include <bit>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace handoff::bench {

/// Coroutines in the order in which they are to be resumed.
class bare_loop {
 public:
  void ready(std::coroutine_handle<> coroutine) noexcept { ring_[tail_++ % ring_.size()] = coroutine; }

  /// Resumes until nothing is ready.
  void run() {
    while (head_ != tail_) ring_[head_++ % ring_.size()].resume();
  }

 private:
  std::array<std::coroutine_handle<>, 64> ring_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

/// A coroutine that a `bare_loop` runs. Its frame goes when the object does.
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

  bare_task(bare_task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  bare_task& operator=(bare_task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~bare_task() {
    if (frame_) frame_.destroy();
  }

  std::coroutine_handle<> frame() const noexcept { return frame_; }

 private:
  explicit bare_task(std::coroutine_handle<> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<> frame_;
};

/// `T` is trivially copyable and default-constructible.
template <class T>
class bare_coroutine_queue {
  struct node {
    node* next;
    std::coroutine_handle<> frame;
  };

  class waiters {
   public:
    void push(node& waiter) noexcept {
      waiter.next = nullptr;
      *last_ = &waiter;
      last_ = &waiter.next;
    }
    void wake_one(bare_loop& loop) noexcept {
      node* const oldest = first_;
      if (oldest == nullptr) return;
      first_ = oldest->next;
      if (first_ == nullptr) last_ = &first_;
      loop.ready(oldest->frame);
    }

   private:
    node* first_ = nullptr;
    node** last_ = &first_;
  };

 public:
  bare_coroutine_queue(bare_loop& loop, std::size_t capacity)
      : loop_(loop),
        capacity_(capacity),
        mask_(std::bit_ceil(capacity) - 1),
        items_(std::make_unique<T[]>(mask_ + 1)) {}
  bare_coroutine_queue(const bare_coroutine_queue&) = delete;
  bare_coroutine_queue& operator=(const bare_coroutine_queue&) = delete;

  bool try_put(const T& item) noexcept {
    if (tail_ - head_ == capacity_) return false;
    items_[tail_++ & mask_] = item;
    getters_.wake_one(loop_);
    return true;
  }

  bool try_get(T& item) noexcept {
    if (tail_ == head_) return false;
    item = items_[head_++ & mask_];
    putters_.wake_one(loop_);
    return true;
  }

  class awaiter : node {
   public:
    explicit awaiter(waiters& list) noexcept : list_(list) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) noexcept {
      this->frame = frame;
      list_.push(*this);
    }
    void await_resume() const noexcept {}

   private:
    waiters& list_;
  };

  /// Until there was room, or an item: then try again.
  awaiter room() noexcept { return awaiter(putters_); }
  awaiter item() noexcept { return awaiter(getters_); }

 private:
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
