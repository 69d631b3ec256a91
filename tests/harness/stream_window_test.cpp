// Where the window of a stream ends, how often a clock is read for it, and that nothing later is counted.
#include "harness/threads/stream_window.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/coroutines/stream.hpp"
#include "harness/threads/stream.hpp"
#include "queues/coroutine.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

// Not in an anonymous namespace: coroutine frames have fields of these types.

/// The steady clock, with its readings counted.
struct counting_clock {
  inline static std::atomic<std::uint64_t> readings{0};
  static std::int64_t now_ns() noexcept {
    readings.fetch_add(1, std::memory_order_relaxed);  // read when the workers have ended
    return harness::now_ns();
  }
};

/// Unbounded; nothing is popped before everything is pushed, so that everything belongs to the drain. A pop
/// that comes when all has been popped counts a thousand failed attempts before it waits.
template <class T>
class late_queue {
 public:
  using value_type = T;
  static constexpr backend_traits traits{.name = "late",
                                         .summary = "gives nothing before it has all",
                                         .reference = "none",
                                         .bounded = false,
                                         .waits = {wait_kind::native}};
  inline static std::uint64_t expected = 0;  // items of the run

  explicit late_queue(std::size_t touches) : touches_(touches) {}

  class handle {
   public:
    explicit handle(late_queue& queue) : queue_(queue) {}
    op_status push(T&& item) { return queue_.push(std::move(item)); }
    op_status pop(T& item) { return queue_.pop(item, failed_); }
    [[nodiscard]] std::uint64_t failed_attempts() const { return failed_.load(std::memory_order_relaxed); }

   private:
    late_queue& queue_;
    std::atomic<std::uint64_t> failed_{0};  // only a number; nothing is read through it
  };
  handle producer() { return handle(*this); }
  handle consumer() { return handle(*this); }

 private:
  op_status push(T&& item) {
    const std::lock_guard lock(mutex_);
    inside_.push_back(std::move(item));
    if (++pushed_ == touches_ + expected || pushed_ <= touches_ || pushed_ > touches_ + expected)
      changed_.notify_all();
    return op_status::success;
  }
  op_status pop(T& item, std::atomic<std::uint64_t>& failed) {
    std::unique_lock lock(mutex_);
    if (inside_.empty() && pushed_ >= touches_ + expected) failed.fetch_add(1000, std::memory_order_relaxed);
    changed_.wait(
        lock, [&] { return !inside_.empty() && (pushed_ <= touches_ || pushed_ >= touches_ + expected); });
    item = std::move(inside_.front());
    inside_.pop_front();
    return op_status::success;
  }

  const std::uint64_t touches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> inside_;
  std::uint64_t pushed_ = 0;
};

namespace {

using harness::stream_kind;
using harness::threads::stream_window;

harness::cell cell_of(unsigned producers, unsigned consumers, std::optional<std::size_t> capacity) {
  harness::cell c;
  c.producers = producers;
  c.consumers = consumers;
  c.capacity = capacity;
  return c;
}

/// A pretended clock: each reading is one nanosecond later.
std::int64_t pretended_ns = 0;
std::int64_t pretended_now() noexcept { return ++pretended_ns; }

TEST(stream_on_threads, reads_no_clock_while_several_consumers_drain_it) {
  const testing_support::watchdog hung("stream_window", 0);
  constexpr std::uint64_t items = 20'000;
  late_queue<harness::item_8>::expected = items;
  harness::threads::stream<late_queue<harness::item_8>, counting_clock> stream(cell_of(2, 2, std::nullopt),
                                                                               {});
  counting_clock::readings = 0;
  const harness::stream_outcome run = stream.run_as(stream_kind::plain, items, 0);
  EXPECT_EQ(run.wrong, "");
  EXPECT_EQ(counting_clock::readings, 5u);  // two per producer, one at the end
  EXPECT_GE(run.items, items - items / 64);
  EXPECT_LE(run.items, items);
}

TEST(stream_on_a_loop, reads_no_clock_while_it_drains) {
  const testing_support::watchdog hung("stream_window", 0);
  constexpr std::size_t capacity = 4096;
  harness::coroutines::stream<coroutine<harness::item_8>, counting_clock> stream(cell_of(2, 2, capacity), {});
  counting_clock::readings = 0;
  const harness::stream_outcome run = stream.run<stream_kind::plain>(capacity);
  EXPECT_EQ(run.wrong, "");
  EXPECT_EQ(counting_clock::readings, 6u);  // two per producer, one at either end
  EXPECT_EQ(run.items, capacity);
}

TEST(stream_on_threads, counts_no_failed_attempt_after_its_last_item) {
  const testing_support::watchdog hung("stream_window", 0);
  constexpr std::uint64_t items = 1000;
  late_queue<harness::item_8>::expected = items;
  harness::threads::stream<late_queue<harness::item_8>> stream(cell_of(1, 1, std::nullopt), {});
  const harness::stream_outcome run = stream.run_as(stream_kind::plain, items, 0);
  EXPECT_EQ(run.wrong, "");
  EXPECT_EQ(run.pop_failed, 0u);
}

/// Two consumers in one thread: `counts` of each, and looks when they are due.
class two_consumers {
 public:
  explicit two_consumers(std::uint64_t items) : window_(items, 2, true, &pretended_now) {
    window_.open();
    for (unsigned i = 0; i < 2; ++i) {
      next_look_[i] = window_.first_look();
      window_.counts()[i].handle = &failed_[i];
      window_.counts()[i].failed_attempts = [](const void* of) {
        return *static_cast<const std::uint64_t*>(of);
      };
    }
  }
  void receive(unsigned consumer) {
    const std::uint64_t count = ++counts_[consumer];
    if (count >= next_look_[consumer])
      next_look_[consumer] = window_.look(consumer, count);
    else
      window_.counts()[consumer].publish(count);
  }
  stream_window window_;
  std::uint64_t failed_[2] = {0, 0};

 private:
  std::uint64_t counts_[2] = {0, 0};
  std::uint64_t next_look_[2] = {0, 0};
};

TEST(stream_window, ends_near_the_last_item_whoever_gets_how_many) {
  for (const std::uint64_t items : {2u, 64u, 100u, 1000u, 100'000u})
    for (const std::uint64_t first_share : {std::uint64_t{0}, items / 3, items}) {
      two_consumers run(items);
      run.window_.producers_done();
      const std::int64_t before = pretended_ns;
      for (std::uint64_t i = 0; i < items; ++i) run.receive(i < first_share ? 0 : 1);
      EXPECT_EQ(pretended_ns, before + 1) << items << ' ' << first_share;  // closed, with one reading
      EXPECT_GE(run.window_.received(), items - items / 64);
      run.window_.conclude();
      EXPECT_EQ(pretended_ns, before + 1);
    }
}

TEST(stream_window, is_closed_by_the_last_producer_where_next_to_nothing_is_left) {
  two_consumers run(100'000);
  for (int i = 0; i < 99'999; ++i) run.receive(static_cast<unsigned>(i % 2));
  const std::int64_t before = pretended_ns;
  run.window_.producers_done();
  EXPECT_EQ(pretended_ns, before + 1);
  EXPECT_EQ(run.window_.received(), 99'999u);
}

TEST(stream_window, counts_nothing_that_happens_after_its_end) {
  two_consumers run(1000);
  run.failed_[0] = 3;
  run.failed_[1] = 4;
  run.window_.producers_done();
  for (int i = 0; i < 1000; ++i) run.receive(static_cast<unsigned>(i % 2));
  run.failed_[1] = 1'000'000;
  constexpr std::uint64_t naps = 2000;
  for (std::uint64_t i = 0; i < naps; ++i) std::this_thread::sleep_for(std::chrono::nanoseconds{1});
  run.window_.conclude();
  EXPECT_EQ(run.window_.pop_failed(), 7u);
  EXPECT_LT(run.window_.spent().switches_voluntary, naps);
}

TEST(stream_window, of_a_lone_consumer_ends_with_its_last_item) {
  for (const bool publishes_each : {true, false}) {
    stream_window window(5000, 1, publishes_each, &pretended_now);
    window.open();
    const std::int64_t before = pretended_ns;
    std::uint64_t next_look = window.first_look();
    for (std::uint64_t count = 1; count <= 5000; ++count)
      if (count >= next_look) next_look = window.look(0, count);
    EXPECT_EQ(window.end_ns(), before + 1);
    EXPECT_EQ(window.received(), 5000u);
  }
}

}  // namespace

}  // namespace handoff::harness_tests
