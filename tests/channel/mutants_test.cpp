// Channels and executors with a planted fault each: the schedule that is meant to find it must do so, in
// every run. The same schedules end well with the steps that are shipped.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>

#include "queues/channel/channel.hpp"
#include "queues/stealing/task.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/planted.hpp"
#include "tests/support/presence.hpp"

namespace handoff::channel_tests {
namespace {

using stealing::basic_task;
using stealing::detail::steps;
using testing_support::report;
using testing_support::watch;

/// A thread that runs the task `root(its presence)`, and whether it has returned. `look` is called meanwhile.
template <class Steps, class Root, class Look>
void run_aside(basic_stealing_executor<Steps>& executor, Root root, Look look) {
  testing_support::presence runner;
  std::atomic<bool> over{false};
  std::thread caller([&] {
    executor.run(root(runner));
    over = true;
  });
  look(over, runner);
  caller.join();
}

template <class Steps>
void a_consumer_that_makes_room_wakes_the_producer_that_waits() {
  basic_stealing_executor<Steps> executor(1);
  basic_channel<int, Steps> channel(1);
  const auto producer = [&]() -> basic_task<void, Steps> {
    for (int i = 0; i < 2; ++i) {
      int item = i;
      co_await channel.async_push(std::move(item));
    }
  };
  const auto root = [&](testing_support::presence& runner) -> basic_task<void, Steps> {
    co_await stealing::fork(producer());  // waits for room
    int item = 0;
    static_cast<void>(channel.try_pop(item));
    runner.announce();
    co_await stealing::join();
  };
  run_aside<Steps>(executor, root, [](const auto& over, const auto& runner) {
    watch(over, runner, "the producer was not woken");
  });
}

template <class Steps>
void an_item_from_outside_wakes_a_thread_that_sleeps() {
  basic_stealing_executor<Steps> executor(1);
  basic_channel<int, Steps> channel(1);
  const auto root = [&](testing_support::presence& runner) -> basic_task<void, Steps> {
    int item = 0;
    runner.announce();
    co_await channel.async_pop(item);
  };
  run_aside<Steps>(executor, root, [&](const auto& over, const auto& runner) {
    runner.wait_until_blocked(INT64_MAX);
    while (!executor.has_sleeping_threads()) std::this_thread::yield();
    static_cast<void>(channel.try_push(1));
    watch(over, runner, "the sleeping thread was missed");
  });
}

template <class Steps>
void a_join_waits_for_a_child_that_waits_in_a_channel() {
  basic_stealing_executor<Steps> executor(1);
  basic_channel<int, Steps> channel(1);
  std::atomic<bool> over_there{false};
  const auto child = [&]() -> basic_task<void, Steps> {
    int item = 0;
    co_await channel.async_pop(item);
    over_there = true;
  };
  const auto root = [&](testing_support::presence& runner) -> basic_task<void, Steps> {
    co_await stealing::fork(child());
    runner.announce();
    co_await stealing::join();
    if (!over_there) report("the join continued before its child was over");
  };
  run_aside<Steps>(executor, root, [&](const auto&, const auto& runner) {
    runner.wait_until_blocked(INT64_MAX);
    static_cast<void>(channel.try_push(1));
  });
}

/// Three consumers wait; the first is given an item, the second is woken to take one, and the third is left
/// to the second, or to whoever stops that.
template <class Steps, bool stopped>
void one_that_was_woken_to_try_again_passes_what_is_left_on() {
  basic_stealing_executor<Steps> executor(1);
  basic_channel<int, Steps> channel(4);
  std::stop_source stop;
  const auto consumer = [&](std::stop_token token) -> basic_task<void, Steps> {
    int item = 0;
    co_await channel.async_pop(item, token);
  };
  const auto root = [&](testing_support::presence& runner) -> basic_task<void, Steps> {
    co_await stealing::fork(consumer({}));
    co_await stealing::fork(consumer(stop.get_token()));
    co_await stealing::fork(consumer({}));
    for (int i = 0; i < 3; ++i) static_cast<void>(channel.try_push(int{i}));
    if (stopped) stop.request_stop();
    runner.announce();
    co_await stealing::join();
  };
  run_aside<Steps>(executor, root, [](const auto& over, const auto& runner) {
    watch(over, runner, "an item was left to nobody");
  });
}

struct wakes_no_waiter : steps {
  template <class Waiter>
  static void wake_waiter(Waiter&) noexcept {}
};
struct wakes_no_thread : steps {
  static void wake_one(support::eventcount&) noexcept {}
};
struct passes_nothing_on : steps {
  static bool passes_on(bool) noexcept { return false; }
};
struct does_not_count_a_parent_that_went_on : steps {
  static std::uint32_t stolen_again(std::uint32_t times) noexcept { return times; }
};

class ChannelSchedules : public testing_support::guarded {};

TEST_F(ChannelSchedules, end_well_with_the_shipped_steps) {
  for (int i = 0; i < 20; ++i) {
    a_consumer_that_makes_room_wakes_the_producer_that_waits<steps>();
    an_item_from_outside_wakes_a_thread_that_sleeps<steps>();
    one_that_was_woken_to_try_again_passes_what_is_left_on<steps, false>();
    one_that_was_woken_to_try_again_passes_what_is_left_on<steps, true>();
    a_join_waits_for_a_child_that_waits_in_a_channel<steps>();
  }
}

class ChannelMutants : public testing_support::planted {};

TEST_F(ChannelMutants, one_that_wakes_no_waiter_is_found) {
  EXPECT_FOUND(&a_consumer_that_makes_room_wakes_the_producer_that_waits<wakes_no_waiter>, "was not woken");
}
TEST_F(ChannelMutants, one_that_wakes_no_thread_is_found) {
  EXPECT_FOUND(&an_item_from_outside_wakes_a_thread_that_sleeps<wakes_no_thread>, "was missed");
}
TEST_F(ChannelMutants, one_that_passes_nothing_on_is_found) {
  EXPECT_FOUND((&one_that_was_woken_to_try_again_passes_what_is_left_on<passes_nothing_on, false>),
               "left to nobody");
  EXPECT_FOUND((&one_that_was_woken_to_try_again_passes_what_is_left_on<passes_nothing_on, true>),
               "left to nobody");
}
TEST_F(ChannelMutants, one_that_does_not_count_a_parent_that_went_on_is_found) {
  EXPECT_FOUND(&a_join_waits_for_a_child_that_waits_in_a_channel<does_not_count_a_parent_that_went_on>,
               "before its child");
}

}  // namespace
}  // namespace handoff::channel_tests
