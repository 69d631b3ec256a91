// Waiting for descriptors: what a cancellation leaves behind, and systems that refuse a call.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/detail/io_queue.hpp"
#include "queues/async/io.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/tcp.hpp"
#include "tests/async/refused_calls.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

using namespace std::chrono_literals;

struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) async::throw_system_error("pipe2");
    read = async::unique_fd(ends[0]);
    write = async::unique_fd(ends[1]);
  }
  void fill() const {
    const std::array<char, 4096> some{};
    while (::write(write.get(), some.data(), some.size()) > 0) {
    }
  }
  void drain() const {
    std::array<char, 4096> some{};
    while (::read(read.get(), some.data(), some.size()) > 0) {
    }
  }
  async::unique_fd read;
  async::unique_fd write;
};

task<std::string> read_text(int fd) {
  std::array<char, 16> buffer{};
  const std::size_t got = co_await async::read_some(fd, std::as_writable_bytes(std::span(buffer)));
  co_return std::string(buffer.data(), got);
}

task<std::string> cancel_and_read(task_handle<std::string> first, int fd) {
  first.cancel();
  co_return co_await read_text(fd);
}

TEST(Io, a_descriptor_whose_read_was_cancelled_can_be_read_in_the_same_step) {
  event_loop loop;
  const pipe_ends pipe;
  const auto first = create_task(loop, read_text(pipe.read.get()));
  settle(loop);
  const auto second = create_task(loop, cancel_and_read(first, pipe.read.get()));
  settle(loop);
  EXPECT_TRUE(first.cancelled());
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  settle(loop);
  EXPECT_EQ(second.result(), "tea");
  EXPECT_TRUE(loop.io().empty());
}

TEST(Io, a_descriptor_that_is_waited_for_cannot_be_waited_for_twice) {
  event_loop loop;
  const pipe_ends pipe;
  const auto first = create_task(loop, read_text(pipe.read.get()));
  const auto second = create_task(loop, read_text(pipe.read.get()));
  settle(loop);
  EXPECT_THROW(second.result(), std::logic_error);
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  settle(loop);
  EXPECT_EQ(first.result(), "tea");
}

task<> write_text(int fd, std::string_view text) {
  co_await async::write_all(fd, std::as_bytes(std::span(text)));
}

task<> cancel_and_write(task_handle<void> first, int fd, std::string_view text) {
  first.cancel();
  co_await write_text(fd, text);
}

TEST(Io, a_descriptor_whose_write_was_cancelled_can_be_written_in_the_same_step) {
  event_loop loop;
  const pipe_ends pipe;
  pipe.fill();
  const auto first = create_task(loop, write_text(pipe.write.get(), "tea"));
  settle(loop);
  const auto second = create_task(loop, cancel_and_write(first, pipe.write.get(), "ham"));
  settle(loop);
  pipe.drain();
  settle(loop);
  EXPECT_TRUE(first.cancelled());
  EXPECT_NO_THROW(second.result());
  EXPECT_TRUE(loop.io().empty());
}

task<async::tcp_stream> cancel_and_accept(task_handle<async::tcp_stream> first,
                                          async::tcp_listener& listener) {
  first.cancel();
  co_return co_await listener.accept();
}

TEST(Io, a_listener_whose_accept_was_cancelled_can_accept_in_the_same_step) {
  event_loop loop;
  async::tcp_listener listener = async::tcp_listener::on_loopback();
  const auto first = create_task(loop, listener.accept());
  settle(loop);
  const auto second = create_task(loop, cancel_and_accept(first, listener));
  settle(loop);
  const auto client = create_task(loop, async::tcp_stream::connect(async::loopback(listener.port())));
  while (!second.done() && loop.run_once()) {
  }
  EXPECT_TRUE(first.cancelled());
  EXPECT_NO_THROW(second.result());
}

task<std::string> cancel_time_and_again(int fd, int times) {
  for (int i = 0; i < times; ++i) {
    const task_handle<std::string> vain = create_task(read_text(fd));
    co_await async::yield();
    vain.cancel();
  }
  co_return co_await read_text(fd);
}

TEST(Io, a_chain_of_cancelled_reads_leaves_the_last_one_waiting) {
  event_loop loop;
  const pipe_ends pipe;
  const auto last = create_task(loop, cancel_time_and_again(pipe.read.get(), 5));
  settle(loop);
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  settle(loop);
  EXPECT_EQ(last.result(), "tea");
}

task<std::string> cancel_close_and_read(std::vector<task_handle<>> waiting, pipe_ends& pipe) {
  for (const task_handle<>& one : waiting) one.cancel();
  const int before = pipe.read.get();
  pipe = {};  // the new one first: it gets other numbers
  pipe = {};
  EXPECT_EQ(pipe.read.get(), before);
  co_return co_await read_text(before);
}

task<> wait_until_readable(int fd) { co_await async::readable(fd); }
task<> wait_until_writable(int fd) { co_await async::writable(fd); }

/// Its number is the next one's.
TEST(Io, a_descriptor_that_is_closed_after_its_waits_were_cancelled_leaves_its_number_to_another) {
  event_loop loop;
  pipe_ends pipe;
  const std::vector<task_handle<>> waiting{create_task(loop, wait_until_readable(pipe.read.get())),
                                           create_task(loop, wait_until_writable(pipe.read.get()))};
  settle(loop);
  const auto second = create_task(loop, cancel_close_and_read(waiting, pipe));
  settle(loop);
  for (const task_handle<>& one : waiting) EXPECT_TRUE(one.cancelled());
  EXPECT_FALSE(second.done());
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  settle(loop);
  EXPECT_EQ(second.result(), "tea");
  EXPECT_TRUE(loop.io().empty());
}

// Refusals.

class ready_count final : public async::io_watch {
 public:
  int told = 0;

 private:
  void ready() override { ++told; }
};

task<std::string> read_from_next(async::tcp_listener& listener) {
  async::tcp_stream peer = co_await listener.accept();
  std::array<char, 16> buffer{};
  const std::size_t got = co_await peer.read_some(std::as_writable_bytes(std::span(buffer)));
  co_return std::string(buffer.data(), got);
}

class Refusal : public testing::TestWithParam<int> {};

TEST_P(Refusal, of_the_exact_wait_rounds_limits_up_and_takes_none_for_no_limit) {
  refused_epoll_pwait2 refused(GetParam());
  const pipe_ends pipe;
  ready_count watch;
  async::io_queue io;
  io.add(pipe.read.get(), async::io_side::read, watch);
  io.poll(-5ms);
  io.poll(0ns);
  io.poll(1ns);
  io.poll(1ms);
  io.poll(1500us);
  io.poll(std::chrono::hours(1'000'000));
  io.poll(std::nullopt);
  EXPECT_EQ(refused.limits, (std::vector<int>{0, 0, 1, 1, 2, 3'600'000, -1}));
  EXPECT_EQ(watch.told, 0);
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  io.poll(std::nullopt);
  EXPECT_EQ(watch.told, 1);
}

task<> sleep_for(async::nanoseconds time) { co_await async::sleep(time); }

TEST_P(Refusal, of_the_exact_wait_lets_timers_and_descriptors_through) {
  event_loop loop;
  const pipe_ends pipe;
  const auto reader = create_task(loop, read_text(pipe.read.get()));
  const auto sleeper = create_task(loop, sleep_for(2ms));
  refused_epoll_pwait2 refused(GetParam());
  while (!sleeper.done()) ASSERT_TRUE(loop.run_once());
  for (const int limit : refused.limits) EXPECT_GE(limit, 0);
  ASSERT_EQ(::write(pipe.write.get(), "tea", 3), 3);
  while (!reader.done()) ASSERT_TRUE(loop.run_once());
  EXPECT_EQ(reader.result(), "tea");
}

TEST_P(Refusal, of_accept4_is_made_up_for) {
  event_loop loop;
  async::tcp_listener listener = async::tcp_listener::on_loopback();
  const auto client = create_task(loop, async::tcp_stream::connect(async::loopback(listener.port())));
  while (!client.done()) ASSERT_TRUE(loop.run_once());
  const refused<system_call::accept4> sandbox(GetParam());
  const auto server = create_task(loop, read_from_next(listener));
  while (!server.done() && loop.run_pass()) {
  }
  ASSERT_FALSE(server.done()) << "it waits, without blocking the loop";
  task_handle<> writer = create_task(loop, client.result().write_all("tea"));
  while (!server.done()) ASSERT_TRUE(loop.run_once());
  EXPECT_EQ(server.result(), "tea");
  EXPECT_TRUE(writer.done());
}

/// The wait for it was computed as a span that overflows: 292 years.
TEST(Io, a_function_to_be_called_before_the_beginning_of_the_clock_is_not_waited_for) {
  event_loop loop;
  const pipe_ends pipe;
  const auto reader = create_task(loop, read_text(pipe.read.get()));
  settle(loop);
  refused_epoll_pwait2 refused(ENOSYS);
  bool called = false;
  async::call_later(loop, std::chrono::hours::min(), [&] { called = true; });
  for (int pass = 0; pass != 3 && !called; ++pass) ASSERT_TRUE(loop.run_once());
  EXPECT_TRUE(called);
  for (const int limit : refused.limits) EXPECT_EQ(limit, 0);
}

INSTANTIATE_TEST_SUITE_P(As, Refusal, testing::Values(ENOSYS, EPERM, EACCES),
                         [](const auto& one) { return "error_" + std::to_string(one.param); });

}  // namespace

}  // namespace handoff::async_tests
