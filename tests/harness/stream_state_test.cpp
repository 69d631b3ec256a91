// What the workers of a stream pass to its coordinator.
#include "harness/threads/stream_state.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "harness/cell.hpp"
#include "harness/clock.hpp"

namespace handoff::harness_tests {
namespace {

/// The threads keep their order by a relaxed step, so that ThreadSanitizer, which judges here, sees a missing
/// pair in every run.
TEST(StreamState, the_coordinator_sees_what_every_producer_has_done) {
  harness::cell c;
  c.producers = 2;
  harness::receipt_pages pages;
  harness::threads::stream_state state(c, ordering::fifo, pages, 2, 0, true, &harness::now_ns);
  int pushed = 0;
  std::atomic<bool> first_is_done{false};
  std::thread first([&] {
    pushed = 1;
    state.producer_done();
    first_is_done.store(true, std::memory_order_relaxed);  // orders nothing: that is the point
  });
  std::thread last([&] {
    while (!first_is_done.load(std::memory_order_relaxed)) std::this_thread::yield();
    state.producer_done();
  });
  state.producers_done.acquire();
  EXPECT_EQ(pushed, 1);
  first.join();
  last.join();
}

}  // namespace
}  // namespace handoff::harness_tests
