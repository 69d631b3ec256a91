// Shared by all plain loops, and all of it outside the loop: two threads that start together, the clock, the
// checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "harness/clock.hpp"
#include "harness/item.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"

namespace handoff::bench {

/// What travels through a plain queue.
using plain_item = harness::item_8;

/// The consumer's proof, the same as in the harness: every key is recorded, and judged afterwards.
class plain_check {
 public:
  explicit plain_check(const harness::receipts& received) noexcept : received_(received) {}

  void enter(plain_item item) noexcept { received_.enter(item, true); }
  [[nodiscard]] const harness::receipts& received() const noexcept { return received_; }

 private:
  harness::receipts received_;
};

/// Kept from run to run, as a session of the harness keeps its own. For one run at a time.
inline harness::receipt_pages& plain_pages() {
  static harness::receipt_pages pages;
  return pages;
}

/// Items that pass once through a fresh queue, to touch its memory.
inline constexpr std::size_t plain_touches = 4096;

/// Runs `produce(begin)` and `consume(begin, check)` on the two workers. Each gets its handle, calls
/// `begin()`, which returns when both are there, and moves `items` items, 0, 1, 2 …; the window lasts from
/// the start of the first to the end of the second.
template <class Produce, class Consume>
plain_run run_plain(harness::team& workers, std::uint64_t items, Produce produce, Consume consume) {
  harness::start_barrier barrier(2);
  harness::receipt_book book(plain_pages(), items, 1, 1, ordering::fifo);
  std::int64_t start_ns = 0, end_ns = 0;
  const std::function<void(unsigned)> job = [&](unsigned worker) {
    if (worker == 0) {
      const auto begin = [&] {
        barrier.arrive_and_wait();
        start_ns = harness::now_ns();
      };
      produce(begin);
    } else {
      plain_check own(book.of(0));  // a local copy can live in registers
      const auto begin = [&] { barrier.arrive_and_wait(); };
      consume(begin, own);
      end_ns = harness::now_ns();
      book.of(0) = own.received();
    }
  };
  workers.start(job);
  workers.wait();
  book.settle();
  return {.items = items,
          .seconds = static_cast<double>(end_ns - start_ns) * 1e-9,
          .verified = book.verdict({items}).empty()};
}

}  // namespace handoff::bench
