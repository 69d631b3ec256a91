// A thread that is woken for something that a thief has taken continues to wait as before: its deadline and
// its token still hold.
//
// A thread waits with a limit. Another one brings an item, takes it back at once, and checks whether the
// sleeper stirs; nothing comes after that, so only the limit can end the wait. (If the queue hands items over
// to waiting threads, there is nothing to steal: then every round ends with the item.)
#include <algorithm>
#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/waits/sides.hpp"
#include "tests/support/patient.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

namespace {

using testing_support::presence;

enum class limit : unsigned char { stop, deadline };

/// What each side finds in the queue, and what wakes it in vain.
struct robbed_pop : popping_side {
  static void prepare(const trial&, any_queue&) {}
  static void tempt(const trial&, any_queue&, any_producer& p, any_consumer& c) {
    item_key key = 0;
    if (p.try_push(1) == success) c.try_pop(key);
  }
};

struct robbed_push : pushing_side {
  static void prepare(const trial&, any_queue& queue) { fill(*queue.producer(), 0); }
  static void tempt(const trial& t, any_queue& queue, any_producer& p, any_consumer& c) {
    item_key key = 0;
    if (take(queue, c, t, key) == success) p.try_push(2);
  }
};

template <class Side>
class robbery {
 public:
  robbery(const trial& t, limit what, std::chrono::milliseconds patience)
      : t_(t), what_(what), deadline_(std::chrono::steady_clock::now() + patience), queue_(t.make(1)) {
    Side::prepare(t, *queue_);
  }

  enum class outcome : unsigned char {
    robbed,    // the sleeper stirred, got nothing, and slept again before its limit came
    served,    // it got the item
    too_late,  // its deadline passed before
  };

  outcome run() {
    const auto producer = queue_->producer();
    const auto consumer = queue_->consumer();
    std::thread sleeper([this] { sleep(); });
    where_.wait_until_blocked(beyond_any_yields);
    const auto asleep = where_.used();
    const auto stirs = [&] { return back_.load() || where_.used() != asleep; };
    while (!stirs()) {
      Side::tempt(t_, *queue_, *producer, *consumer);
      for (int i = 0; i < time_to_stir && !stirs(); ++i) std::this_thread::yield();
    }
    robbed_ = where_.used() != asleep;
    if (robbed_) where_.wait_until_blocked(beyond_any_yields);  // again
    if (what_ == limit::stop) source_.request_stop();
    if (what_ == limit::deadline) robbed_ = robbed_ && std::chrono::steady_clock::now() < deadline_;
    sleeper.join();
    EXPECT_TRUE(answer_ == success || answer_ == (what_ == limit::stop ? cancelled : timed_out))
        << to_string(answer_);
    if (answer_ == success) return outcome::served;
    return robbed_ ? outcome::robbed : outcome::too_late;
  }

 private:
  static constexpr int time_to_stir = 1'000;                    // yields
  static constexpr std::int64_t beyond_any_yields = 2'000'000;  // nanoseconds, if it never sleeps

  void sleep() {
    testing_support::let_the_waker_go_on();
    const auto handle = Side::handle(*queue_);
    where_.announce();
    answer_ =
        what_ == limit::stop ? Side::wait(*handle, source_.get_token()) : Side::wait(*handle, deadline_);
    back_.store(true);
  }

  const trial& t_;
  const limit what_;
  const deadline_t deadline_;
  std::unique_ptr<any_queue> queue_;
  std::stop_source source_;
  presence where_;
  std::atomic<bool> back_{false};
  bool robbed_ = false;
  op_status answer_ = full;
};

/// Three robberies, or so many items handed over that there is nothing to steal. A deadline that passes
/// before the robbery proves nothing: the next one is later.
template <class Side>
void rob(const trial& t, limit what) {
  using outcome = typename robbery<Side>::outcome;
  constexpr std::chrono::milliseconds longest{2'000};
  std::chrono::milliseconds patience{10};
  for (unsigned robberies = 0, handed_over = 0; robberies < 3 && handed_over < 30;) {
    const outcome end = robbery<Side>(t, what, patience).run();
    if (::testing::Test::HasFailure()) return;
    if (end == outcome::robbed) ++robberies;
    if (end == outcome::served) ++handed_over;
    if (end != outcome::too_late) continue;
    ASSERT_LT(patience, longest) << "a sleeper could not be robbed before its deadline";
    patience = std::min(2 * patience, longest);
  }
}

void a_pop_that_was_robbed_keeps_its_deadline(const trial& t) { rob<robbed_pop>(t, limit::deadline); }
void a_push_that_was_robbed_keeps_its_deadline(const trial& t) { rob<robbed_push>(t, limit::deadline); }
void a_pop_that_was_robbed_keeps_its_token(const trial& t) { rob<robbed_pop>(t, limit::stop); }
void a_push_that_was_robbed_keeps_its_token(const trial& t) { rob<robbed_push>(t, limit::stop); }

}  // namespace

std::span<const test_case> robbed_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_pop_that_was_robbed_keeps_its_deadline, tries | timed | many_consumers, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_push_that_was_robbed_keeps_its_deadline, tries | timed | bounded | many_producers,
                   tracked, setting::sleepers),
      HANDOFF_CASE(a_pop_that_was_robbed_keeps_its_token, tries | cancels | many_consumers, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_push_that_was_robbed_keeps_its_token, tries | cancels | bounded | many_producers,
                   tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
