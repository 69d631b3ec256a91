// A bounded deque in blocks: the owner works in one block, thieves in the others.
//
// When to use    for many small items: neither push nor pop has a fence or a compare-and-swap, but for one
//                step in a block
// When not       if an owner may work for long without a push or a pop: what is in its own block stays there
// Ordering       the owner's end is LIFO, the thieves' end FIFO (several thieves at once may find a younger
//                block first). What the owner has not handed out is not stolen: a thief that finds nothing
//                asks, and the owner's next push or pop hands out what it has in its block
// Progress       push, pop and steal wait-free: a steal is lost only if another thread took an item, or the
//                owner must hand some out first
// Memory         the blocks, from the start, a power of two of them. Full is answered to the caller, who puts
//                the item elsewhere, such as into an `injector`
// Reference      Wang et al., BWoS: Formally verified block-based work stealing (2023). Two things
//                are not from there: a block's state is one word, and thieves can ask for a block that is
//                filled in part
//
// The state of a block says which of its items thieves may have, first … end - 1, and in which round: how
// often the block has been handed out. Thieves take by compare-and-swap of the whole word, after they have
// read the item; the owner takes a block back by exchange. A thief that stands still in between, while the
// block is drained, taken back, filled and handed out again, finds another round and fails. The round has 46
// bits: the block must come round 2^46 times, which takes weeks, and then stop at the very same number.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/steps.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::stealing {

template <stealable T, class Steps = no_steps, std::size_t Entries = 32>
class block_deque {
  static_assert(Entries >= 1 && Entries <= 256, "a block's state has nine bits for a number of items");

 public:
  using value_type = T;
  static constexpr bool newest_first = true;
  static constexpr bool growable = false;
  static constexpr bool asks_owner = true;

  /// Room for `capacity` items or more. `first`: the number of its first block and of the rounds, for tests
  /// of their overflow. Throws std::invalid_argument for 0, std::length_error for more than an array can
  /// hold, std::bad_alloc.
  explicit block_deque(std::size_t capacity = 1024, first_position first = {})
      : mask_(std::bit_ceil((checked_capacity("block_deque", capacity, most_items(8 * sizeof(T) * Entries)) +
                             Entries - 1) /
                                Entries +
                            1) -
              1),
        states_(std::make_unique<std::atomic<std::uint64_t>[]>(mask_ + 1)),
        slots_(std::make_unique<std::atomic<T>[]>((mask_ + 1) * Entries)),
        oldest_(first.value),
        newest_(first.value),
        top_(first.value),
        lowest_(first.value) {
    for (std::size_t i = 0; i <= mask_; ++i)
      states_[i].store(state{first.value, 0, 0}.word(), std::memory_order_relaxed);  // nobody else yet
  }
  block_deque(const block_deque&) = delete;
  block_deque& operator=(const block_deque&) = delete;

  /// How many it holds if all of its blocks are filled: all but the owner's. A block that was handed out on
  /// request may not be.
  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ * Entries; }

  /// Owner. False if its block is full and thieves have not drained the one that is next.
  bool push(T item) noexcept {
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]]  // a request: nothing is read through it
      answer(end());
    std::uint64_t at = end();
    if (at == Entries) {
      if (!hand_out(at)) return false;
      at = 0;
    }
    slot(top_, at).store(item, std::memory_order_relaxed);  // ordered by the block's state, (1) and (2)
    end_.store(at + 1, std::memory_order_relaxed);          // for thieves a hint that there is something
    return true;
  }

  /// Owner. The newest item; false if there is none.
  bool pop(T& item) noexcept {
    if (end() == begin() && !take_back()) return false;
    const std::uint64_t at = end() - 1;
    item = slot(top_, at).load(std::memory_order_relaxed);  // the owner's own
    // (5) release: partner (6): a thief that sees the block empty sees what was handed out before
    end_.store(at, std::memory_order_release);
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]]  // as in push
      answer(at);
    return true;
  }

  /// Any thread. The oldest item that is handed out; asks the owner if there is none.
  steal_status steal(T& item) noexcept {
    const std::uint64_t changes = changes_.load(std::memory_order_acquire);  // (4) partner: (3)
    Steps::pass();
    const std::uint64_t newest = newest_.load(std::memory_order_relaxed);  // where to begin: a hint
    const std::uint64_t start = oldest(newest);
    for (std::uint64_t block = start; block != start + mask_ + 1; ++block) {
      std::uint64_t word = states_[block & mask_].load(std::memory_order_acquire);  // (2) partner: (1)
      const state seen(word);
      if (seen.drained()) continue;
      Steps::pass();
      const T found = slot(block, seen.first).load(std::memory_order_relaxed);  // ordered by (2)
      Steps::pass();
      // (7) release: partner (8) and (9), after which the owner uses the slot again; relaxed on failure: what
      // was read is dropped
      if (!states_[block & mask_].compare_exchange_strong(
              word, state{seen.round, seen.first + 1, seen.end}.word(), std::memory_order_release,
              std::memory_order_relaxed))
        return steal_status::lost;
      // relaxed: a hint; beyond the newest, the ring has begun again with blocks before `start`
      if (block != start)
        oldest_.store(newest - block <= mask_ ? block : block - mask_ - 1, std::memory_order_relaxed);
      item = found;
      return steal_status::item;
    }
    Steps::pass();
    return ask(changes);
  }

  /// Any thread.
  [[nodiscard]] bool looks_empty() const noexcept {
    for (std::size_t i = 0; i <= mask_; ++i)
      if (!state(states_[i].load(std::memory_order_relaxed)).drained()) return false;       // a hint
    return end_.load(std::memory_order_relaxed) == begin_.load(std::memory_order_relaxed);  // as above
  }

  /// Owner. Whether thieves have found more to take since the last call.
  [[nodiscard]] bool handed_out() noexcept {
    const bool did = handed_out_;
    handed_out_ = false;
    return did;
  }

 private:
  /// What thieves may have of a block.
  struct state {
    std::uint64_t round, first, end;

    state(std::uint64_t in_round, std::uint64_t from, std::uint64_t to) noexcept
        : round(in_round), first(from), end(to) {}
    explicit state(std::uint64_t word) noexcept
        : round(word >> 18), first(word >> 9 & 511), end(word & 511) {}
    [[nodiscard]] std::uint64_t word() const noexcept { return round << 18 | first << 9 | end; }
    [[nodiscard]] bool drained() const noexcept { return first == end; }
  };

  [[nodiscard]] std::atomic<T>& slot(std::uint64_t block, std::uint64_t at) noexcept {
    return slots_[(block & mask_) * Entries + at];
  }
  [[nodiscard]] std::uint64_t begin() const noexcept {
    return begin_.load(std::memory_order_relaxed);  // its only writer
  }
  [[nodiscard]] std::uint64_t end() const noexcept {
    return end_.load(std::memory_order_relaxed);
  }  // as above

  /// Owner: gives thieves the first `until` items of its block, and goes on in the next. False if that is not
  /// drained.
  [[gnu::noinline]] bool hand_out(std::uint64_t until) noexcept {
    // (9) acquire: partner (7): thieves have read what they took from there
    if (!state(states_[(top_ + 1) & mask_].load(std::memory_order_acquire)).drained()) return false;
    // relaxed: its round has no other writer
    const state before(states_[top_ & mask_].load(std::memory_order_relaxed));
    // (1) release: partner (2): the items and what they point to
    states_[top_ & mask_].store(state{before.round + 1, begin(), until}.word(), std::memory_order_release);
    Steps::pass();
    ++top_;
    if (top_ - lowest_ > mask_) lowest_ = top_ - mask_;  // the block that comes round is drained
    note_change();
    begin_.store(0, std::memory_order_relaxed);  // ordered by (5)
    Steps::pass();
    end_.store(0, std::memory_order_release);  // (5) partner: (6)
    handed_out_ = true;
    return true;
  }

  /// Owner: a thief has found nothing. Hands out what is in the block up to `until`, unless there is
  /// something for thieves by now.
  [[gnu::noinline]] void answer(std::uint64_t until) noexcept {
    // relaxed: a hint
    const bool found_by_now = !state(states_[(top_ - 1) & mask_].load(std::memory_order_relaxed)).drained();
    if (!found_by_now && until == begin()) return;   // it asks for what is pushed next
    asked_.store(false, std::memory_order_relaxed);  // as in push
    if (!found_by_now) hand_out(until);
  }

  /// Owner: items have gone from its block to thieves, or back.
  void note_change() noexcept {
    newest_.store(top_, std::memory_order_relaxed);                         // where to begin: any is right
    const std::uint64_t before = changes_.load(std::memory_order_relaxed);  // its only writer
    changes_.store(before + 1, std::memory_order_release);                  // (3) partner: (4): the states
  }

  /// Owner: its block is empty; goes back to the youngest one of which thieves have left something. False if
  /// there is none.
  [[gnu::noinline]] bool take_back() noexcept {
    for (std::uint64_t block = top_; block != lowest_;) {
      auto& shared = states_[--block & mask_];
      // (8) acquire: partner (7)
      const state seen(shared.load(std::memory_order_acquire));
      if (seen.drained()) continue;
      begin_.store(0, std::memory_order_relaxed);       // so that a thief sees something in the meantime:
      end_.store(seen.end, std::memory_order_relaxed);  // ordered by (8)
      Steps::pass();
      // (8) acquire: partner (7); release: partner (2): a thief that finds the block gone sees where it is
      const state left(shared.exchange(state{seen.round, 0, 0}.word(), std::memory_order_acq_rel));
      Steps::pass();
      top_ = block;
      // relaxed: a hint, that what is handed out next is older than where thieves are
      if (oldest_.load(std::memory_order_relaxed) - block <= mask_)
        oldest_.store(block, std::memory_order_relaxed);
      note_change();
      begin_.store(left.first, std::memory_order_release);  // (5) partner: (6)
      if (!left.drained()) return true;
    }
    lowest_ = top_;
    begin_.store(0, std::memory_order_relaxed);  // nothing is left: ordered by (5)
    end_.store(0, std::memory_order_release);    // (5) partner: (6)
    return false;
  }

  /// Where thieves begin to look. Any block would be right, the oldest that has something is best.
  [[nodiscard]] std::uint64_t oldest(std::uint64_t newest) const noexcept {
    const std::uint64_t last = oldest_.load(std::memory_order_relaxed);  // a hint
    return newest - last <= mask_ ? last : newest - mask_;
  }

  /// A thief that has found nothing. Is there anything in the owner's block? Not if it is empty, and nothing
  /// has moved between it and what thieves have looked at.
  steal_status ask(std::uint64_t changes) noexcept {
    const std::uint64_t end = end_.load(std::memory_order_acquire);  // (6) partner: (5)
    Steps::pass();
    const std::uint64_t begin = begin_.load(std::memory_order_acquire);  // (6) partner: (5)
    Steps::pass();
    if (end == begin && changes == changes_.load(std::memory_order_relaxed))  // ordered by (6)
      return steal_status::empty;
    if (!asked_.load(std::memory_order_relaxed)) asked_.store(true, std::memory_order_relaxed);  // a request
    return steal_status::lost;
  }

  const std::size_t mask_;  // blocks - 1
  // Each written by the owner and by thieves. Close together: a thief looks at all of them.
  const std::unique_ptr<std::atomic<std::uint64_t>[]> states_;
  const std::unique_ptr<std::atomic<T>[]> slots_;
  // Written by thieves, and by the owner when it answers.
  alignas(support::separation) std::atomic<bool> asked_{false};
  // Written by thieves, and by the owner when it takes a block back: where they found something last.
  alignas(support::separation) std::atomic<std::uint64_t> oldest_;
  // Written by the owner, read by thieves that find nothing handed out.
  alignas(support::separation) std::atomic<std::uint64_t> changes_{0};  // how often items changed sides
  std::atomic<std::uint64_t> newest_;                                   // as top_
  std::atomic<std::uint64_t> begin_{0}, end_{0};                        // of what is in its block
  // The owner's alone.
  std::uint64_t top_;     // the number of its block
  std::uint64_t lowest_;  // of the blocks that may hold anything
  bool handed_out_ = false;
};

static_assert(handing_out<block_deque<void*>>);

}  // namespace handoff::stealing
