// What several producers know of each other's order, for the check that a queue is first in, first out
// between them too.
//
// Each producer counts its finished pushes on a cache line of its own. Now and then, before a push, it notes
// the counts of the others: every item below them was in the queue before that push began. A consumer that
// has received the item, or a later one of the same producer, must not receive any of those afterwards.
// Nothing is demanded of pushes that overlap, so no correct queue is accused: the release of a count and the
// acquire of a note make "before" what the memory model calls happens-before.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "queues/support/hardware.hpp"

namespace handoff::harness {

class timeline {
 public:
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  /// For `producers` that push `share` items each. A lone producer needs no notes and is never asked for one.
  timeline(unsigned producers, std::uint64_t share);

  /// How often a producer takes notes in a run, at most; each reads a cache line of every other producer, so
  /// the number of notes, and not of items, decides what the check costs.
  static constexpr std::uint64_t notes_a_producer = 128;

  /// One producer's side. Used by one thread.
  class writer {
   public:
    void before_push(std::uint64_t sequence) noexcept {
      if (sequence >= next_note_) [[unlikely]]
        next_note_ = line_->note(producer_, sequence);
    }
    void after_push(std::uint64_t sequence) noexcept {
      if (finished_ != nullptr)
        finished_->store(sequence + 1, std::memory_order_release);  // (1) partner: (2)
    }

   private:
    friend class timeline;
    timeline* line_ = nullptr;
    std::atomic<std::uint64_t>* finished_ = nullptr;
    std::uint64_t next_note_ = never;
    unsigned producer_ = 0;
  };
  [[nodiscard]] writer writer_of(unsigned producer) noexcept;

  /// The sequence number from which on a consumer has a producer's note to look up: 0, or never.
  [[nodiscard]] std::uint64_t first_due() const noexcept { return producers_ > 1 ? 0 : never; }

  /// Called by a consumer that has received item `sequence` of `producer`: raises `next[o]`, the smallest
  /// sequence number that it may still receive of producer `o`, to that of the latest note before the item.
  /// Returns the sequence number from which on there is another note. Any thread that received the item.
  [[nodiscard]] std::uint64_t look_up(unsigned producer, std::uint64_t sequence,
                                      std::uint64_t* next) const noexcept;

 private:
  struct alignas(support::separation) finished_count {
    std::atomic<std::uint64_t> items{0};
  };

  std::uint64_t note(unsigned producer, std::uint64_t sequence) noexcept;
  [[nodiscard]] std::size_t row_of(unsigned producer, std::uint64_t index) const noexcept {
    return (producer * rows_ + static_cast<std::size_t>(index)) * producers_;
  }

  unsigned producers_;
  unsigned interval_bits_;  // a note before each item whose sequence number is a multiple of 2 to this power
  std::size_t rows_;        // notes per producer
  std::vector<finished_count> finished_;
  /// Written by one producer before it pushes the item; read by threads that know that it was received.
  std::vector<std::atomic<std::uint64_t>> notes_;
};

}  // namespace handoff::harness
