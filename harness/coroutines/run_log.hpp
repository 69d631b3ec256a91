// What the coroutines of a run did: recorded inside the window, judged after it.
//
// On one thread all events form one sequence, so the order is checked completely: the log knows when each
// push and each pop began and ended (harness/overtaken.hpp). Nothing is demanded of two operations that
// overlap, for the task that is woken first need not get its turn first. What is recorded (one key per item,
// and half a word per operation that could overlap with another) is the same for every queue, whatever order
// it promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/item.hpp"
#include "harness/ledger.hpp"
#include "harness/overtaken.hpp"

namespace handoff::harness::coroutines {

/// Not thread-safe. Kept from run to run, so that its memory is touched once.
class run_log {
 public:
  /// Parameters as for a ledger.
  run_log(unsigned producers, unsigned consumers, ordering promised) noexcept
      : producers_(producers), consumers_(consumers), promised_(promised) {}

  /// Clears the log and reserves room for `items` items. Throws std::bad_alloc.
  void begin(std::uint64_t items);

  // An operation's beginning is the number of its kind logged so far. (The pushes of a lone producer are not
  // counted: they do not overlap.)
  [[nodiscard]] std::size_t pushes() const noexcept { return push_count_; }
  [[nodiscard]] std::size_t pops() const noexcept { return pop_count_; }

  /// `began`: the value of `pushes()` when the push began. A producer's pushes are logged in order, and no
  /// more than there is room for.
  void pushed(unsigned producer, std::size_t began) noexcept {
    if (producers_ == 1) return;
    pushes_[push_count_] = worker_and_span(producer, push_count_ - began);
    ++push_count_;
  }
  /// `began`: the value of `pops()` when the pop began. Items beyond the reserved room are only counted.
  void popped(unsigned consumer, std::size_t began, item_key key, bool intact) noexcept {
    torn_ += static_cast<std::uint64_t>(!intact);
    if (pop_count_ == keys_.size()) [[unlikely]] {
      ++beyond_;
      return;
    }
    keys_[pop_count_] = key;
    if (consumers_ != 1) pops_[pop_count_] = worker_and_span(consumer, pop_count_ - began);
    ++pop_count_;
  }

  /// How many items each consumer has received since the last `settle`.
  [[nodiscard]] std::vector<std::uint64_t> counts() const;

  /// Between rounds, and at the end: judges what is logged, and makes room for as much again.
  void settle();

  /// Over everything settled; `pushed`: per producer.
  [[nodiscard]] std::string verdict(const std::vector<std::uint64_t>& pushed) const {
    return harness::verdict(ledgers_, pushed);
  }

 private:
  /// How many operations of its kind ended while an operation was under way, in the lower half; the largest
  /// count stands for all.
  using entry = std::uint32_t;
  static constexpr unsigned span_bits = 16;
  static constexpr std::size_t longest_span = (std::size_t{1} << span_bits) - 1;

  static entry worker_and_span(unsigned worker, std::size_t span) noexcept {
    return static_cast<entry>(worker << span_bits) |
           static_cast<entry>(span < longest_span ? span : longest_span);
  }
  static unsigned worker(entry e) noexcept { return e >> span_bits; }
  /// When the operation that ended as the `index`th began.
  static std::size_t began(entry e, std::size_t index) noexcept {
    const std::size_t span = e & longest_span;
    return span == longest_span ? 0 : index - span;
  }

  /// The items of this round, one producer after another: the position at which each one's push ended.
  struct push_places {
    std::vector<std::uint64_t> first;  // per producer, and the end
    std::vector<std::uint32_t> ended;
  };
  [[nodiscard]] push_places places() const;

  [[nodiscard]] interval push_of(item_key key, const push_places& all) const;

  /// Which pops of this round returned an item that another had overtaken.
  [[nodiscard]] std::vector<bool> late_pops(const push_places& all) const;

  const unsigned producers_;
  const unsigned consumers_;
  const ordering promised_;
  std::vector<entry> pushes_;
  std::vector<entry> pops_;
  std::vector<item_key> keys_;
  std::size_t push_count_ = 0;
  std::size_t pop_count_ = 0;
  std::uint64_t torn_ = 0;
  std::uint64_t beyond_ = 0;
  std::vector<std::uint64_t> first_;  // per producer: the sequence number with which this round began
  std::vector<ledger> ledgers_;       // per consumer
};

}  // namespace handoff::harness::coroutines
