// The loop's queue of timers: a 4-ary heap whose timers know their place, so that a cancelled one leaves it
// at once. Arming, cancelling and firing are O(log n). Timers of the same moment fire in the order in which
// they were armed. Loop thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "queues/async/detail/spare_memory.hpp"
#include "queues/async/time_span.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::async {

class task_state;

/// Something that fires once at a moment, unless it is taken out before. It is in the heap, or on the list of
/// what is due in the present pass, or in neither.
class timer : private support::list_link {
 public:
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  bool armed() const noexcept { return place_ != nowhere || linked(); }

  /// The task that waits for it, if it is one; for observers of the loop.
  virtual const task_state* whose() const noexcept { return nullptr; }

 protected:
  timer() noexcept : support::list_link{nullptr, nullptr} {}
  ~timer() = default;

  virtual void fire() = 0;

  /// The loop is destroyed, and it will never fire.
  virtual void dropped() noexcept {}

 private:
  friend class timer_queue;
  friend class support::intrusive_list<timer>;

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  std::size_t place_ = nowhere;
};

class timer_queue {
 public:
  /// No timer is armed.
  bool empty() const noexcept { return heap_.empty() && due_.empty(); }
  std::size_t size() const noexcept { return heap_.size() + due_.size(); }

  /// Whether a timer waits for a later moment, and for which (there must be one): `never` if it is armed
  /// beyond the end of the clock.
  bool waiting() const noexcept { return !heap_.empty(); }
  nanoseconds next() const noexcept { return heap_.front().when; }

  /// `what` must not be armed. Throws std::bad_alloc.
  void arm(timer& what, nanoseconds when) {
    heap_.push_back({when, armed_++, &what});
    rise(heap_.size() - 1);
  }

  /// Takes `what` out, wherever it is.
  void disarm(timer& what) noexcept {
    if (what.place_ != timer::nowhere)
      remove(what.place_);
    else if (what.linked())
      what.unlink();
  }

  /// Sets aside for `fire_due` the timers that are due at `now`.
  void collect(nanoseconds now) noexcept {
    collected_ = now;
    while (!heap_.empty() && heap_.front().when <= now) {
      timer& first = *heap_.front().what;
      remove(0);
      due_.push_back(first);
    }
  }

  void fire_due() {
    while (timer* const first = due_.pop_front()) first->fire();
  }

  bool any_due() const noexcept { return !due_.empty(); }

  /// Disarms all.
  void drop_all() noexcept {
    while (timer* const first = due_.pop_front()) first->dropped();
    while (!heap_.empty()) {
      timer& last = *heap_.back().what;
      remove(heap_.size() - 1);
      last.dropped();
    }
  }

  /// Calls `visit(when, timer)` for each that is armed, in the order of their moments; one that is due in the
  /// present pass has the moment of its being collected. O(n log n).
  template <class Visit>
  void for_each(Visit visit) const {
    due_.for_each([&](const timer& one) { visit(collected_, one); });
    std::vector<entry> sorted = heap_;
    std::sort(sorted.begin(), sorted.end(), [](const entry& a, const entry& b) { return a.before(b); });
    for (const entry& one : sorted) visit(one.when, static_cast<const timer&>(*one.what));
  }

 private:
  struct entry {
    nanoseconds when;
    std::uint64_t number;  // in the order of arming
    timer* what;

    bool before(const entry& other) const noexcept {
      return when != other.when ? when < other.when : number < other.number;
    }
  };

  static constexpr std::size_t children = 4;

  void put(std::size_t place, const entry& moved) noexcept {
    heap_[place] = moved;
    moved.what->place_ = place;
  }

  void remove(std::size_t place) noexcept {
    heap_[place].what->place_ = timer::nowhere;
    const entry last = heap_.back();
    heap_.pop_back();
    if (heap_.size() < least_items(heap_.capacity(), 64, heap_.max_size())) [[unlikely]]
      shrink_to_quarter(heap_);
    if (place == heap_.size()) return;
    put(place, last);
    sink(place);
    rise(last.what->place_);
  }

  void rise(std::size_t place) noexcept {
    const entry moved = heap_[place];
    while (place > 0) {
      const std::size_t parent = (place - 1) / children;
      if (!moved.before(heap_[parent])) break;
      put(place, heap_[parent]);
      place = parent;
    }
    put(place, moved);
  }

  void sink(std::size_t place) noexcept {
    const entry moved = heap_[place];
    for (;;) {
      const std::size_t first = place * children + 1;
      if (first >= heap_.size()) break;
      const std::size_t end = std::min(first + children, heap_.size());
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (heap_[child].before(heap_[least])) least = child;
      if (!heap_[least].before(moved)) break;
      put(place, heap_[least]);
      place = least;
    }
    put(place, moved);
  }

  std::vector<entry> heap_;
  support::intrusive_list<timer> due_;
  nanoseconds collected_{0};  // when
  std::uint64_t armed_ = 0;
};

}  // namespace handoff::async
