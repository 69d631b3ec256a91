// Handles are made before a window: making one may allocate or register, which no window may include.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include "harness/make_contender.hpp"
#include "queues/coroutine.hpp"
#include "queues/mutex_condvar.hpp"
#include "tests/harness/trial.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

// Not in an anonymous namespace: coroutine frames have fields of these types.

/// Counts over the queues of this process.
struct handles_made {
  /// Handles made after the first end marker of their queue, over all queues.
  inline static std::atomic<std::uint64_t> too_late{0};
  /// On a loop: pushes before every worker of the stream had a handle.
  inline static std::atomic<std::uint64_t> too_early{0};
  inline static std::uint64_t expected =
      0;  // handles by the first push of a stream, those of the first items too
  inline static std::uint64_t touches = 0;
};

/// The real queue, its handles counted.
template <class Queue>
class watched : public Queue {
 public:
  using value_type = typename Queue::value_type;
  using Queue::Queue;

  watched& producer() {
    made();
    return *this;
  }
  auto consumer() {
    made();
    return Queue::consumer();
  }
  op_status push(value_type&& item) {
    look_at(item);
    return Queue::push(std::move(item));
  }
  auto async_push(value_type&& item) requires async_queue<Queue> {
    look_at(item);
    return Queue::async_push(std::move(item));
  }

 private:
  void made() {
    made_.fetch_add(1);
    if (stopping_.load()) handles_made::too_late.fetch_add(1);
  }
  void look_at(const value_type& item) {
    if (harness::item_codec<value_type>::key(item) == harness::marker_key) stopping_.store(true);
    if (pushes_.fetch_add(1) >= handles_made::touches && made_.load() < handles_made::expected)
      handles_made::too_early.fetch_add(1);
  }

  std::atomic<std::uint64_t> made_{0}, pushes_{0};
  std::atomic<bool> stopping_{false};
};

template <class T>
using watched_mutex_condvar = watched<mutex_condvar<T>>;
template <class T>
using watched_coroutine = watched<coroutine<T>>;

namespace {

harness::cell cell_of(harness::scenario what, wait_kind wait, std::size_t capacity) {
  harness::cell c;
  c.scenario = what;
  c.backend = "watched";
  c.wait = wait;
  c.capacity = capacity;
  c.consumers = 3;
  return c;
}

template <template <class> class Queue>
std::uint64_t made_while_stopping(harness::stop_protocol stop, wait_kind wait) {
  const testing_support::watchdog hung("handles", 0);
  harness::cell c = cell_of(harness::scenario::shutdown, wait, 8);
  c.stop = stop;
  harness::session_options options;
  options.sample_length = std::chrono::milliseconds{1};
  handles_made::too_late = 0;
  handles_made::expected = 0;
  const auto session = harness::open_session<Queue<harness::item_8>>(c, options);
  const harness::sample s = session->take();
  EXPECT_EQ(s.status, harness::sample_status::ok) << s.detail;
  return handles_made::too_late;
}

TEST(shutdown_on_threads, makes_no_handle_after_the_first_marker) {
  using enum harness::stop_protocol;
  EXPECT_EQ(made_while_stopping<watched_mutex_condvar>(relay, wait_kind::native), 0u);
  EXPECT_EQ(made_while_stopping<watched_mutex_condvar>(sentinel, wait_kind::native), 0u);
}

TEST(shutdown_on_a_loop, makes_no_handle_after_the_first_marker) {
  using enum harness::stop_protocol;
  EXPECT_EQ(made_while_stopping<watched_coroutine>(relay, wait_kind::loop), 0u);
  EXPECT_EQ(made_while_stopping<watched_coroutine>(sentinel, wait_kind::loop), 0u);
}

/// On a loop, a producer that need not wait would finish before the next one has begun.
TEST(stream_on_a_loop, begins_when_every_worker_has_its_handle) {
  const testing_support::watchdog hung("handles", 0);
  harness::cell c = cell_of(harness::scenario::throughput, wait_kind::loop, 64);
  c.producers = 2;
  handles_made::touches = first_items_of(c);
  handles_made::expected = 2 * 5;
  handles_made::too_early = 0;
  harness::coroutines::stream<watched_coroutine<harness::item_8>> stream(c, {});
  EXPECT_EQ(stream.run<harness::stream_kind::plain>(512).wrong, "");
  EXPECT_EQ(handles_made::too_early, 0u);
  handles_made::expected = 0;
}

}  // namespace

}  // namespace handoff::harness_tests
