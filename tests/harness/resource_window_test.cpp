// A sample reports only what was spent in its window: making a queue and touching its memory lie outside.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

#include "harness/make_contender.hpp"
#include "queues/coroutine.hpp"
#include "queues/mutex_condvar.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

// Not in an anonymous namespace: coroutine frames have fields of these types.

constexpr std::size_t capacity = 64;
/// More than a sample of a few rounds takes by itself: in each, the wait for the joiner naps too, for a tenth
/// of a second at most.
constexpr std::uint64_t naps_while_made = 10'000;

/// One voluntary context switch.
inline void nap() { std::this_thread::sleep_for(std::chrono::nanoseconds{1}); }

/// Naps while its memory is touched.
template <class T>
class drowsy_coroutine : public coroutine<T> {
 public:
  using coroutine<T>::coroutine;
  drowsy_coroutine& producer() noexcept { return *this; }
  auto async_push(T&& item) {
    if (pushes_++ < capacity) nap();
    return coroutine<T>::async_push(std::move(item));
  }

 private:
  std::uint64_t pushes_ = 0;
};

/// Naps when the first end marker arrives: the last item is out.
template <class T>
class coroutine_that_dozes_off : public coroutine<T> {
 public:
  using coroutine<T>::coroutine;
  coroutine_that_dozes_off& producer() noexcept { return *this; }
  auto async_push(T&& item) {
    if (harness::item_codec<T>::key(item) == harness::marker_key)
      for (std::uint64_t i = 0; i < naps_while_made; ++i) nap();
    return coroutine<T>::async_push(std::move(item));
  }
};

/// Naps while the next one is made.
template <class T>
class drowsy_mutex_condvar : public mutex_condvar<T> {
 public:
  explicit drowsy_mutex_condvar(std::size_t slots) : mutex_condvar<T>(slots) {
    const std::uint64_t naps = std::exchange(drowsy, false) ? naps_while_made : 0;
    for (std::uint64_t i = 0; i < naps; ++i) nap();
  }
  inline static bool drowsy = false;
};

namespace {

template <template <class> class Queue>
std::uint64_t switches_in_a_sample(harness::scenario what, wait_kind wait) {
  const testing_support::watchdog hung("resource_window", 0);
  harness::cell c;
  c.scenario = what;
  c.backend = "drowsy";
  c.wait = wait;
  c.capacity = capacity;
  harness::session_options options;
  options.sample_length = std::chrono::milliseconds{1};
  const auto session = harness::open_session<Queue<harness::item_8>>(c, options);
  drowsy_mutex_condvar<harness::item_8>::drowsy = true;
  const harness::sample s = session->take();
  EXPECT_EQ(s.status, harness::sample_status::ok) << s.detail;
  return s.resources ? s.resources->switches_voluntary : ~std::uint64_t{0};
}

TEST(resources_of_a_sample, leave_out_the_touching_of_a_loops_queues) {
  using enum harness::scenario;
  EXPECT_LT(switches_in_a_sample<drowsy_coroutine>(ping_pong, wait_kind::loop), capacity);
  EXPECT_LT(switches_in_a_sample<drowsy_coroutine>(join, wait_kind::loop), capacity);
}

TEST(resources_of_a_sample, leave_out_what_a_loop_does_after_the_last_item) {
  EXPECT_LT(switches_in_a_sample<coroutine_that_dozes_off>(harness::scenario::throughput, wait_kind::loop),
            naps_while_made);
}

TEST(resources_of_a_sample, leave_out_the_making_of_a_queue_for_threads) {
  EXPECT_LT(switches_in_a_sample<drowsy_mutex_condvar>(harness::scenario::join, wait_kind::native),
            naps_while_made);
}

}  // namespace

}  // namespace handoff::harness_tests
