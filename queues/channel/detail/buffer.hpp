// What a channel is but for its operations: a ring of items behind a lock, and those who wait for it.
//
// Who waits is woken in one of two ways. A consumer that is *served* is given its item where it waits, and a
// producer's item is let in. One that is *called* tries again, for others may be quicker meanwhile. If all
// were served, each item that goes to a consumer that waits would cost a switch to another coroutine, and so
// would each that comes from a producer that waits. So only the first is served. The next one is called, what
// more comes stays in the ring, and what more is taken leaves room, until one of this side runs and tries
// something: whoever runs moves as much as there is in one go, and those who wait are switched to as often as
// the ring runs full or empty. That one has been called is no reason not to serve another: it may be with a
// thread that waits for the lock, and this one would run out of coroutines.
//
// Nobody is missed: if somebody waits for an item and one is inside, a consumer is called, and when that has
// tried, it calls the next one if something is left; the same of producers and room. Nobody is passed over
// twice: who was called in vain is the first in the list again, and served next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "queues/channel/detail/turn_lock.hpp"
#include "queues/contract/status.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/detail/suspension.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::channels {

/// Any thread; short locks. `Steps` is for tests.
template <class T, class Steps>
class alignas(support::separation) buffer {
 public:
  struct waiter;
  using waiters = support::intrusive_list<waiter>;

  enum class place : std::uint8_t {
    outside,  // it does not wait, not yet or not any more; `status` says how it ended
    listed,   // in one of the lists
    called    // woken to try again, and it has not yet
  };

  /// Those who wait to push, or to pop.
  struct side {
    waiters list;
    waiter* called = nullptr;  // at most one
    bool served = false;       // the first was, and nobody of this side has tried anything since

    [[nodiscard]] bool serves_first() const noexcept { return !served && !list.empty(); }
  };

  /// An operation that waits, or would. All but the item belongs to the lock.
  struct waiter : stealing::detail::suspension<Steps> {
    waiter(buffer& in, T* of, bool (*run)(stealing::detail::record&) noexcept) noexcept
        : stealing::detail::suspension<Steps>(run), where_to(in), item(of) {}

    buffer& where_to;
    T* item;  // null: of a join
    op_status status = op_status::success;
    place where = place::outside;
    bool tries_again = false;  // when it runs; unchanged from its wake-up until then
    bool stopped = false;      // before it waited
  };

  /// The lock, and whom to wake once it is released.
  class turn {
   public:
    explicit turn(buffer& of) : lock_(of.lock_) {}
    /// While it has nobody to wake.
    turn(turn&& other) noexcept : lock_(std::move(other.lock_)) {}
    turn& operator=(turn&&) = delete;
    ~turn() {
      if (!lock_.owns_lock()) return;
      lock_.unlock();
      if (others_) waiter::offer_some();
      while (waiter* const one = woken_.pop_front()) Steps::wake_waiter(*one);
    }
    void wake(waiter& one, op_status status) const noexcept {
      one.status = status;
      one.where = place::outside;
      woken_.push_back(one);
    }
    void wake_all(waiters& all, op_status status) const noexcept {
      while (waiter* const one = all.pop_front()) wake(*one, status);
    }
    /// Wakes the first one to try again.
    void call(side& of) const noexcept {
      waiter& one = *of.list.pop_front();
      of.called = &one;
      one.where = place::called;
      one.tries_again = true;
      woken_.push_back(one);
    }
    /// Somebody has been called earlier, perhaps on this thread, and an idle one may want it.
    void leave_to_others() const noexcept { others_ = true; }

   private:
    mutable waiters woken_;
    mutable bool others_ = false;
    std::unique_lock<turn_lock> lock_;
  };

  explicit buffer(std::size_t capacity)
      : capacity_(capacity), ring_(std::allocator<T>().allocate(capacity)) {}
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  /// Whoever has been called, but runs later, finds it closed.
  ~buffer() {
    for (; size_ > 0; --size_, head_ = after(head_)) std::destroy_at(ring_ + head_);
    std::allocator<T>().deallocate(ring_, capacity_);
    for (side* const each : {&producers_, &consumers_})
      if (each->called != nullptr) {
        each->called->tries_again = false;
        each->called->status = op_status::closed;
      }
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  // From here on, `turn` is one of this buffer's that lives.

  op_status insert(T& item, const turn& mine) noexcept {
    if (closed_) return op_status::closed;
    producers_.served = false;
    if (size_ == capacity_) return op_status::full;
    ++unfinished_;
    if (consumers_.serves_first()) {
      waiter& consumer = *consumers_.list.pop_front();
      consumers_.served = true;
      if (size_ == 0) {
        *consumer.item = std::move(item);
      } else {
        remove_oldest(*consumer.item);
        append(item);
      }
      mine.wake(consumer, op_status::success);
    } else {
      append(item);
      call_first(consumers_, mine);
    }
    return op_status::success;
  }

  op_status take(T& item, const turn& mine) noexcept {
    consumers_.served = false;
    if (size_ == 0) return closed_ ? op_status::closed : op_status::empty;
    remove_oldest(item);
    if (producers_.serves_first()) {
      waiter& producer = *producers_.list.pop_front();
      producers_.served = true;
      append(*producer.item);
      ++unfinished_;
      mine.wake(producer, op_status::success);
    } else {
      call_first(producers_, mine);
    }
    return op_status::success;
  }

  void finish_one(const turn& mine) {
    if (unfinished_ == size_) throw std::logic_error("task_done() called more often than an item came out");
    if (--unfinished_ == 0) mine.wake_all(joiners_, op_status::success);
  }

  void close(const turn& mine) noexcept {
    closed_ = true;
    mine.wake_all(producers_.list, op_status::closed);
    mine.wake_all(consumers_.list, op_status::closed);
  }

  [[nodiscard]] bool is_closed(const turn&) const noexcept { return closed_; }
  [[nodiscard]] std::size_t size(const turn&) const noexcept { return size_; }
  [[nodiscard]] std::size_t unfinished(const turn&) const noexcept { return unfinished_; }

  void enlist_producer(waiter& one, const turn&) noexcept { enlist(producers_.list, one); }
  void enlist_consumer(waiter& one, const turn&) noexcept { enlist(consumers_.list, one); }
  void enlist_joiner(waiter& one, const turn&) noexcept { enlist(joiners_, one); }

  /// Ends a wait with `cancelled`, unless it was called and succeeds now. False: it does not wait, or has
  /// succeeded.
  bool stop(waiter& one, const turn& mine) noexcept {
    one.stopped = true;
    if (one.where == place::listed) {
      one.unlink();
      mine.wake(one, op_status::cancelled);
      return true;
    }
    if (one.where == place::outside) return false;
    side& of = &one == producers_.called ? producers_ : consumers_;
    if (!try_now(one, of, mine)) one.status = op_status::cancelled;
    one.where = place::outside;  // it has been woken
    pass_on(of, mine);
    return one.status == op_status::cancelled;
  }

  // What a waiter runs when it has been woken.

  static bool run_producer(stealing::detail::record& self) noexcept {
    return run(static_cast<waiter&>(self), &buffer::producers_);
  }
  static bool run_consumer(stealing::detail::record& self) noexcept {
    return run(static_cast<waiter&>(self), &buffer::consumers_);
  }
  static bool run_joiner(stealing::detail::record& self) noexcept { return waiter::resume(self); }

 private:
  [[nodiscard]] std::size_t after(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  void append(T& item) noexcept {
    std::construct_at(ring_ + tail_, std::move(item));
    tail_ = after(tail_);
    ++size_;
  }

  void remove_oldest(T& item) noexcept {
    item = std::move(ring_[head_]);
    std::destroy_at(ring_ + head_);
    head_ = after(head_);
    --size_;
  }

  static void enlist(waiters& list, waiter& one) noexcept {
    one.where = place::listed;
    list.push_back(one);
  }

  /// There is something to do for those who wait.
  static void call_first(side& of, const turn& mine) noexcept {
    if (of.called != nullptr)
      mine.leave_to_others();
    else if (!of.list.empty())
      mine.call(of);
  }

  /// Whoever was called has tried, or does not any more.
  void pass_on(side& of, const turn& mine) noexcept {
    const bool some = &of == &producers_ ? size_ < capacity_ : size_ > 0;
    if (Steps::passes_on(some)) call_first(of, mine);
  }

  static bool run(waiter& woken, side buffer::*of) noexcept {
    if (woken.tries_again && !woken.where_to.try_again(woken, woken.where_to.*of)) return false;
    return waiter::resume(woken);
  }

  /// Whether its wait is over. If not, it is in its list again, and may be gone already.
  bool try_again(waiter& one, side& of) {
    const turn mine(*this);
    if (one.where == place::outside) return true;  // it was stopped
    one.tries_again = false;
    if (!try_now(one, of, mine)) {
      one.where = place::listed;
      of.list.push_front(one);
      return false;
    }
    one.where = place::outside;
    pass_on(of, mine);
    return true;
  }

  /// The one that was called. Whether it need not wait any longer: success or closed.
  bool try_now(waiter& one, side& of, const turn& mine) noexcept {
    of.called = nullptr;
    one.status = &of == &producers_ ? insert(*one.item, mine) : take(*one.item, mine);
    return one.status != op_status::full && one.status != op_status::empty;
  }

  const std::size_t capacity_;
  T* const ring_;
  turn_lock lock_;  // guards everything below
  bool closed_ = false;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;  // accepted, not done
  side producers_;              // somebody waits only while it is full, or one is called
  side consumers_;              // somebody waits only while it is empty, or one is called
  waiters joiners_;
};

}  // namespace handoff::channels
