// A deque of a few numbered items, and a record of what became of each.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"

namespace handoff::stealing_tests {

using stealing::steal_status;

enum class act : unsigned char { push, pop, steal, steal_half };

/// Does operations, also inside one another, and keeps the books. At most 64 items. What is wrong is in
/// `finding`; the first thing that is found stays.
template <class Deque>
class small_deque {
 public:
  explicit small_deque(std::size_t capacity, first_position first)
      : deque_(capacity, first), own_(4 * capacity) {}

  void perform(act what) {
    const std::uint64_t before = inside_;
    const unsigned takes_before = takes_;
    const bool began_alone = under_way_++ == 0;
    bool found_nothing = false;
    if (what == act::push) {
      push();
    } else if (what == act::pop) {
      found_nothing = !pop();
    } else {
      const steal_status status = what == act::steal ? steal() : steal_half();
      found_nothing = status == steal_status::empty;
      if (status == steal_status::lost && !Deque::asks_owner && began_alone && under_way_ == 1 &&
          takes_ == takes_before)
        report("lost was answered although nobody else took an item");
    }
    // What was inside when it began and still is, somebody has said is not there: unless whoever is in the
    // middle of an operation takes it.
    if (found_nothing) denied_ |= before & inside_;
    if (--under_way_ != 0) return;
    if ((denied_ & inside_) != 0)
      report("empty was answered while item " + number(denied_ & inside_) + " was inside");
    denied_ = 0;
  }

  /// Empties the deque, and says what is wrong with it: nothing if it is sound.
  std::string finding() {
    for (unsigned failures = 0; failures < 2;) failures += pop() ? 0U : 1U;
    std::uint64_t item = 0;
    while (deque_.steal(item) == steal_status::item) take(item);
    while (own_.pop(item)) take(item);
    if (finding_.empty() && inside_ != 0) report("item " + number(inside_) + " was lost");
    return finding_;
  }

  [[nodiscard]] unsigned items() const noexcept { return static_cast<unsigned>(std::popcount(inside_)); }

 private:
  static std::string number(std::uint64_t items) { return std::to_string(std::countr_zero(items)); }

  void report(const std::string& what) {
    if (finding_.empty()) finding_ = what;
  }

  void push() {
    const std::uint64_t item = next_++;
    const std::uint64_t bit = std::uint64_t{1} << item;
    accepted_ |= bit;  // from here on it may be taken; that it must be found is certain when the push is over
    if (deque_.push(item)) {
      inside_ |= bit & ~taken_;
    } else {
      accepted_ &= ~bit;
      if (Deque::growable) report("a push was refused");
    }
  }

  bool pop() {
    std::uint64_t item = 0;
    if (!deque_.pop(item)) return false;
    take(item);
    return true;
  }

  steal_status steal() {
    std::uint64_t item = 0;
    const steal_status status = deque_.steal(item);
    if (status == steal_status::item) take(item);
    return status;
  }

  steal_status steal_half() {
    std::uint64_t item = 0;
    steal_status status = steal_status::empty;
    if constexpr (stealing::halving_deque<Deque>) {
      const unsigned there = items();
      const unsigned before = takes_;
      status = deque_.steal_half(own_, item);
      const bool undisturbed = takes_ == before && items() == there && under_way_ == 1;
      if (status != steal_status::item) return status;
      take(item);
      unsigned taken = 1;
      for (; own_.pop(item); ++taken) take(item);
      if (undisturbed && taken != (there + 1) / 2) report("not half of the items was taken");
    }
    return status;
  }

  void take(std::uint64_t item) {
    const std::uint64_t bit = item < 64 ? std::uint64_t{1} << item : 0;
    if ((accepted_ & bit) == 0) return report("an item was taken that was never pushed");
    if ((taken_ & bit) != 0) return report("item " + std::to_string(item) + " was taken twice");
    taken_ |= bit;
    inside_ &= ~bit;
    ++takes_;
  }

  Deque deque_, own_;
  std::uint64_t next_ = 1;  // not what an untouched slot holds
  unsigned takes_ = 0;
  unsigned under_way_ = 0;                               // operations that have begun and not ended
  std::uint64_t accepted_ = 0, taken_ = 0, inside_ = 0;  // a bit per item; inside: its push is over
  std::uint64_t denied_ = 0;  // what was inside when somebody found nothing, since an operation began alone
  std::string finding_;
};

}  // namespace handoff::stealing_tests
