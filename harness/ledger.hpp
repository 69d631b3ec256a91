// The proof of a sample: what one consumer received, and the verdict over all consumers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/hardware.hpp"
#include "harness/item.hpp"
#include "harness/timeline.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness {

/// What a set of keys comes to, independent of their order. Mixing before adding makes a lost item and a
/// doubled one not cancel out.
constexpr std::uint64_t fingerprint(item_key key) noexcept {
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93U;
  key ^= key >> 29;
  return key;
}

/// Written by one consumer; read when it has left. On lines of its own, and so is what it points to. The same
/// work for every queue, whatever order it promises: what an item costs here is in every figure.
class alignas(separation) ledger {
 public:
  /// `producers`: how many take part. `promised`: the order that the verdict holds the queue to.
  /// `line`: what the producers note of each other; without one, each producer's order is checked alone.
  ledger(unsigned producers, ordering promised, const timeline* line = nullptr);

  /// Enters one item. False, and nothing entered, where no producer can have made its key: the marker, or
  /// one for `enter_unknown`.
  [[nodiscard]] bool enter(item_key key, bool intact) noexcept {
    const unsigned producer = producer_of(key);
    if (producer >= producers_) [[unlikely]]
      return false;
    ++count_;
    sum_ += fingerprint(key);
    if (!intact) [[unlikely]]
      ++torn_;
    const std::uint64_t sequence = sequence_of(key);
    std::uint64_t* const next = next_.data() + padding;
    misordered_ +=
        static_cast<std::uint64_t>(sequence < next[producer]);  // no branch: some queues always are
    next[producer] = sequence + 1;
    std::uint64_t& due = next[producers_ + producer];
    if (sequence >= due) [[unlikely]]
      due = line_->look_up(producer, sequence, next + bounds_);
    return true;
  }

  /// Enters an item that nobody pushed.
  void enter_unknown() noexcept {
    ++count_;
    ++unknown_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  friend std::string verdict(const std::vector<ledger>&, const std::vector<std::uint64_t>&);

  static constexpr std::size_t padding = separation / sizeof(std::uint64_t);
  /// Between paddings, three a producer, one array after the other: the smallest number still in order, the
  /// number from which on there is a note to look up, and where the notes of a queue go that does not promise
  /// FIFO.
  std::vector<std::uint64_t> next_;
  const timeline* line_;
  std::size_t bounds_;  // where notes go: to the first array, or to the third
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t torn_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t misordered_ = 0;
  unsigned producers_;
  ordering promised_;
};

/// Whether a queue of this ordering owes each consumer every producer's items in the order they were pushed.
constexpr bool promises_producer_order(ordering order) noexcept {
  return order == ordering::fifo || order == ordering::per_producer_fifo;
}

/// Empty when the consumers together received exactly the items 0 … pushed[p] - 1 of every producer p;
/// otherwise one sentence that says what is wrong.
std::string verdict(const std::vector<ledger>& consumers, const std::vector<std::uint64_t>& pushed);

}  // namespace handoff::harness
