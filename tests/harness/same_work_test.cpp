// The cost of a sample's proof inside its window is in every figure: it is the same whatever a queue
// promises. What was recorded there shows what was done.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <type_traits>

#include "harness/clock.hpp"
#include "harness/coroutines/run_log.hpp"
#include "harness/threads/stream_state.hpp"

namespace handoff::harness_tests {

namespace {

using harness::make_key;
using harness::timeline;

constexpr std::array all_orders{ordering::fifo, ordering::per_producer_fifo, ordering::lifo,
                                ordering::priority, ordering::unordered};

TEST(the_work_in_a_window, of_a_loop_is_the_same_whatever_the_queue_promises) {
  for (const ordering promised : all_orders) {
    harness::coroutines::run_log log(2, 2, promised);
    log.begin(8);
    for (const std::uint64_t i : {1U, 0U, 2U, 3U})  // out of order
      for (const unsigned worker : {0U, 1U}) {
        log.pushed(worker, log.pushes());
        log.popped(worker, log.pops(), make_key(worker, i), true);
      }
    EXPECT_EQ(log.pushes(), 8U) << to_string(promised);
    EXPECT_EQ(log.pops(), 8U) << to_string(promised);
  }
}

/// Consumers keep every key, and producers take every note. Neither knows the promise: only the ledgers do,
/// after the window.
TEST(the_work_in_a_window, of_threads_is_the_same_whatever_the_queue_promises) {
  static_assert(!std::is_constructible_v<harness::receipts, harness::receipt_pages&, unsigned, ordering>);
  harness::cell c;
  c.producers = c.consumers = 2;
  for (const ordering promised : all_orders) {
    harness::receipt_pages pages;
    harness::threads::stream_state state(c, promised, pages, 4000, 0, true, &harness::now_ns);
    std::array pens{state.line.writer_of(0), state.line.writer_of(1)};
    for (std::uint64_t i = 0; i < 100; ++i)
      for (timeline::writer& pen : pens) {
        pen.before_push(i);
        pen.after_push(i);
      }
    for (const unsigned consumer : {0U, 1U})
      for (const std::uint64_t i : {1U, 0U, 50U, 49U})
        state.received.of(consumer).enter(make_key(consumer, i), true);
    for (const unsigned worker : {0U, 1U}) {
      EXPECT_EQ(state.received.count(worker), 4U) << to_string(promised);
      std::array<std::uint64_t, 2> finished{0, 0};
      EXPECT_EQ(state.line.look_up(worker, 96, finished.data()), 112U) << to_string(promised);
      EXPECT_EQ(finished[1 - worker], 96U + worker) << to_string(promised);
    }
  }
}

}  // namespace

}  // namespace handoff::harness_tests
