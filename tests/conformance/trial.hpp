// What a case is, and what it gets: a contender, a kind of item and a seed.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tests/conformance/status_printing.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/rounds.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/seed.hpp"

namespace handoff::conformance {

using testing_support::random_source;
using testing_support::scaled;

inline constexpr unsigned any_number = ~0U;

/// One case run for one contender with one kind of item.
class trial {
 public:
  trial(const subject& who, item_kind item, std::uint64_t seed) : who_(&who), item_(item), seed_(seed) {}

  [[nodiscard]] const subject& who() const noexcept { return *who_; }
  [[nodiscard]] const capabilities& can() const noexcept { return who_->can; }
  [[nodiscard]] const backend_traits& traits() const noexcept { return who_->traits; }

  [[nodiscard]] std::unique_ptr<any_queue> make(std::size_t capacity, first_position first = {}) const {
    last_capacity.store(capacity, std::memory_order_relaxed);  // for a message: nothing is read through it
    return who_->make[static_cast<std::size_t>(item_)](capacity, first);
  }

  /// The capacity that was asked of the last queue of this process; 0 before the first.
  inline static std::atomic<std::size_t> last_capacity{0};

  /// The trial's randomness; the same for the same `purpose`.
  [[nodiscard]] random_source random(std::uint64_t purpose = 0) const noexcept {
    return random_source(seed_).fork(purpose);
  }

  /// `most`, or 1 if the backend allows only one.
  [[nodiscard]] unsigned producers(unsigned most) const noexcept {
    return traits().producers == cardinality::one ? 1 : most;
  }
  [[nodiscard]] unsigned consumers(unsigned most) const noexcept {
    return traits().consumers == cardinality::one ? 1 : most;
  }

  /// How many items `threads` threads can exchange through `capacity` places in bearable time, if a release
  /// build on idle cores bears `count`.
  [[nodiscard]] std::uint64_t volume(std::uint64_t count, unsigned threads, std::size_t capacity) const;

  /// The rounds of a race between `threads` threads; fewer if spinners share a core.
  class rounds : public testing_support::rounds {
   public:
    rounds(const trial& t, std::uint64_t count, unsigned threads)
        : testing_support::rounds(t.crowded(threads) ? count / 20 : count) {}
  };

 private:
  /// Whether a thread that waits burns the time slice of the one it waits for.
  [[nodiscard]] bool crowded(unsigned threads) const;

  const subject* who_;
  item_kind item_;
  std::uint64_t seed_;
};

/// What a contender must have for a case to exist.
enum need : unsigned {
  nothing = 0,
  tries = 1U << 0,
  blocks = 1U << 1,
  timed = 1U << 2,
  cancels = 1U << 3,
  closes = 1U << 4,
  joins = 1U << 5,
  sized = 1U << 6,          // knows_size
  counts_failed = 1U << 7,  // counts_failures
  bounded = 1U << 8,
  unbounded = 1U << 9,
  exact_empty = 1U << 10,
  many_producers = 1U << 11,
  many_consumers = 1U << 12,
  global_fifo = 1U << 13,    // ordering::fifo
  throws_strong = 1U << 14,  // throwing_move::strong
  throws_basic = 1U << 15,   // throwing_move::basic, or strong
  layered_wait = 1U << 16,   // spin, yield or park
  loops = 1U << 17,          // a coroutine backend
  positions = 1U << 18,      // starts_anywhere
  spawns = 1U << 19,         // self_feeding
};

/// The needs that the contender meets.
unsigned met_by(const subject& who);

inline constexpr unsigned words = 1U << static_cast<unsigned>(item_kind::word);
inline constexpr unsigned blocks_of_64 = 1U << static_cast<unsigned>(item_kind::block);
inline constexpr unsigned tracked = 1U << static_cast<unsigned>(item_kind::tracked);
inline constexpr unsigned throwing = 1U << static_cast<unsigned>(item_kind::throwing);

enum class setting : unsigned char {
  alone,     // one thread: also run for contenders on a loop
  threads,   // several
  sleepers,  // several, and about wake-ups: also run with contenders that never yield before sleeping
};

struct test_case {
  std::string_view name;
  void (*run)(const trial&);
  unsigned needs;
  unsigned items = tracked;  ///< the kinds of item with which it is run
  setting where = setting::threads;
};

/// A case named after its function.
#define HANDOFF_CASE(function, ...) \
  ::handoff::conformance::test_case { #function, function, __VA_ARGS__ }

}  // namespace handoff::conformance
