// What is seen where no value shows it: plain variables that nothing but the tested operation orders. The
// threads keep their order by relaxed steps, so that ThreadSanitizer, which judges here, sees every missing
// pair in every run.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "queues/support/layered.hpp"
#include "tests/queues/plain_ring.hpp"
#include "tests/support/guarded.hpp"

namespace handoff::queue_tests {
namespace {

class Orderings : public testing_support::guarded {};

using yielding = support::layered<plain_ring<int>, support::yield>;

TEST_F(Orderings, a_join_sees_what_was_done_with_an_item_that_another_handle_marked) {
  yielding queue(1);
  std::optional popping(queue.consumer());
  auto marking = queue.consumer();  // before the other goes, whose record it would take over
  int work_done = 0;
  std::atomic<bool> gone{false};
  EXPECT_EQ(queue.producer().try_push(1), op_status::success);
  std::thread worker([&] {
    int item = 0;
    EXPECT_EQ(popping->try_pop(item), op_status::success);
    work_done = item;
    popping.reset();
    gone.store(true, std::memory_order_relaxed);  // orders nothing: that is the test
  });
  std::thread heir([&] {
    while (!gone.load(std::memory_order_relaxed)) std::this_thread::yield();
    marking.task_done();
  });
  queue.join();
  EXPECT_EQ(work_done, 1);
  worker.join();
  heir.join();
}

TEST_F(Orderings, a_push_that_is_refused_sees_what_came_before_the_close) {
  yielding queue(1);
  int reason = 0;
  std::thread closing([&] {
    reason = 1;
    queue.close();
  });
  auto producer = queue.producer();
  while (producer.try_push(1) != op_status::closed) std::this_thread::yield();
  EXPECT_EQ(reason, 1);
  closing.join();
}

}  // namespace
}  // namespace handoff::queue_tests
