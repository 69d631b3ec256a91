// The proof of a sample: what one consumer received, entered after the run, and the verdict over all
// consumers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/item.hpp"
#include "harness/timeline.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness {

/// A hash of a key; summed over a set of keys, it does not depend on their order. Mixing before adding keeps
/// a lost item and a doubled one from cancelling out.
constexpr std::uint64_t fingerprint(item_key key) noexcept {
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93U;
  key ^= key >> 29;
  return key;
}

class ledger {
 public:
  /// `producers`: how many take part. `promised`: the order to which the verdict holds the queue. `line`: the
  /// producers' notes about each other; without one, each producer's order is checked alone.
  ledger(unsigned producers, ordering promised, const timeline* line = nullptr);

  /// Enters one item, in the order in which the consumer received them. `overtaken`: whether an item that was
  /// pushed later came out before it, as established elsewhere.
  void enter(item_key key, bool overtaken = false) noexcept {
    ++count_;
    const unsigned producer = producer_of(key);
    if (producer >= next_.size()) {
      ++unknown_;
      return;
    }
    sum_ += fingerprint(key);
    const std::uint64_t sequence = sequence_of(key);
    if (overtaken || sequence < next_[producer]) ++misordered_;
    next_[producer] = sequence + 1;
    if (sequence >= due_[producer]) due_[producer] = line_->look_up(producer, sequence, next_.data());
  }

  /// Items of which only the number is known.
  void enter_uncounted(std::uint64_t items) noexcept { count_ += items; }
  /// How many of the entered items did not arrive in one piece.
  void enter_torn(std::uint64_t items) noexcept { torn_ += items; }

 private:
  friend std::string verdict(const std::vector<ledger>&, const std::vector<std::uint64_t>&);

  std::vector<std::uint64_t> next_;  // per producer: the smallest number still in order
  std::vector<std::uint64_t> due_;   // per producer: the number from which on there is a note to look up
  const timeline* line_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t torn_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t misordered_ = 0;
  ordering promised_;
};

/// Whether a queue of this ordering owes each consumer every producer's items in the order in which they were
/// pushed.
constexpr bool promises_producer_order(ordering order) noexcept {
  return order == ordering::fifo || order == ordering::per_producer_fifo;
}

/// Empty if the consumers together received exactly the items 0 … pushed[p] - 1 of every producer p;
/// otherwise one sentence that says what is wrong.
std::string verdict(const std::vector<ledger>& consumers, const std::vector<std::uint64_t>& pushed);

}  // namespace handoff::harness
