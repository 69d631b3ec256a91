// Calls from elsewhere: what was promised is done.
#include "queues/async/remote.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/run.hpp"
#include "queues/async/sleep.hpp"
#include "tests/async/allocations.hpp"
#include "tests/async/refused_calls.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

TEST(Remote, a_call_that_was_accepted_runs_although_the_last_remote_goes_while_the_loop_takes_calls_over) {
  event_loop loop;
  std::optional<async::remote> far = async::remote_of(loop);
  int ran = 0;
  int accepted = far->call_soon([&] { ++ran; }) ? 1 : 0;
  // The loop's first allocation is for that call, which it has taken over by then.
  allocations::at_the_next([&] {
    accepted += far->call_soon([&] { ++ran; }) ? 1 : 0;
    far.reset();
  });
  loop.run_to_the_end();
  EXPECT_FALSE(far.has_value());
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(ran, accepted);
}

TEST(Remote, the_loop_ends_when_the_last_remote_has_gone) {
  event_loop loop;
  int ran = 0;
  {
    std::optional<async::remote> far = async::remote_of(loop);
    const async::remote copy = *far;
    far.reset();
    EXPECT_TRUE(copy.call_soon([&] { ++ran; }));
  }
  loop.run_to_the_end();
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(loop.io().empty());
}

/// Calls from another thread after each step that leaves no task behind.
class caller final : public async::loop_observer {
 public:
  caller(std::optional<async::remote>& far, std::function<void()> what)
      : far_(&far), what_(std::move(what)) {}

  void step(const event_loop&, const async::ready_node&) override {}
  void stepped(const event_loop& loop) override {
    if (loop.pending_tasks() > 0) return;
    std::thread elsewhere([this] { ++((*far_)->call_soon(what_) ? accepted : refused); });
    elsewhere.join();
  }

  int accepted = 0;
  int refused = 0;

 private:
  std::optional<async::remote>* far_;
  std::function<void()> what_;
};

TEST(Remote, a_call_that_comes_after_the_last_step_of_a_program_runs_or_is_refused) {
  std::optional<async::remote> far;
  int ran = 0;
  caller calling(far, [&] { ++ran; });
  async::run(
      [](std::optional<async::remote>& out) -> task<> {
        out.emplace(async::remote_of(async::running_loop()));
        co_return;
      }(far),
      async::loop_clock::virtual_time, &calling);
  EXPECT_EQ(ran, calling.accepted);
  EXPECT_GE(calling.accepted, 2) << "after main, and after what ends the rest";
  EXPECT_GE(calling.refused, 1) << "after that call's own turn";
  EXPECT_FALSE(far->call_soon([] {}));
}

task<> sleep_for_an_hour() { co_await async::sleep(std::chrono::hours{1}); }

TEST(Remote, what_a_call_begins_that_comes_after_the_last_step_of_a_program_is_cancelled) {
  std::optional<async::remote> far;
  event_loop* where = nullptr;
  std::vector<task_handle<void>> begun;
  caller calling(far, [&] { begun.push_back(create_task(*where, sleep_for_an_hour())); });
  async::run(
      [](std::optional<async::remote>& out, event_loop*& loop) -> task<> {
        loop = &async::running_loop();
        out.emplace(async::remote_of(*loop));
        co_return;
      }(far, where),
      async::loop_clock::virtual_time, &calling);
  EXPECT_EQ(static_cast<int>(begun.size()), calling.accepted);
  EXPECT_GE(calling.accepted, 2) << "after main, and after what ends the rest";
  for (const task_handle<void>& one : begun) EXPECT_TRUE(one.cancelled());
}

/// More of them than a pipe has room for wake-ups.
TEST(Remote, calls_come_by_a_pipe_where_eventfd_is_refused) {
  const refused<system_call::eventfd> sandbox(EPERM);
  constexpr int calls = 20'000;
  event_loop loop;
  int ran = 0;
  {
    const async::remote far = async::remote_of(loop);
    for (int i = 0; i != calls; ++i) ASSERT_TRUE(far.call_soon([&] { ++ran; }));
  }
  loop.run_to_the_end();
  EXPECT_EQ(ran, calls);
  EXPECT_TRUE(loop.io().empty());
}

}  // namespace

}  // namespace handoff::async_tests
