// A thread that leaves a wait by a stop or a deadline may have been woken for something: it must pass that
// on.
//
// Two threads wait, one of which may leave; one item (or place) comes at the moment when it leaves. Either it
// took the item, and then a second one is provided, or the other thread must get it: a wake-up that is lost
// with the leaver hangs the round.
#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/waits/sides.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::presence;
using testing_support::stroll;

enum class reason : unsigned char { stop, deadline };

constexpr std::size_t places = 2;

/// What each side finds in the queue, and what ends its wait.
struct popping : popping_side {
  static std::size_t prepare(const trial&, any_queue&) { return 0; }
  static auto serving_handle(any_queue& queue) { return queue.producer(); }
  static op_status serve(const trial&, any_queue&, any_producer& p) { return p.try_push(1); }
  static constexpr std::size_t left_inside(std::size_t) { return 0; }
};

struct pushing : pushing_side {
  static std::size_t prepare(const trial&, any_queue& queue) { return fill(*queue.producer(), 0); }
  static auto serving_handle(any_queue& queue) { return queue.consumer(); }
  static op_status serve(const trial& t, any_queue& queue, any_consumer& c) {
    item_key key = 0;
    return take(queue, c, t, key);
  }
  static constexpr std::size_t left_inside(std::size_t bound) { return bound; }
};

/// Processor time of one that waits without sleep, in nanoseconds: the round is a race, at any moment.
constexpr std::int64_t a_moment = 30'000;

template <class Side>
class leave_race {
 public:
  leave_race(const trial& t, reason why, random_source random)
      : t_(t), why_(why), random_(random), queue_(t.make(places)), bound_(Side::prepare(t, *queue_)) {}

  void run(crew& threads) {
    watch_ = random_.below(2) == 0;
    late_ = watch_ && random_.below(2) == 0;
    threads.run([this](unsigned me) {
      if (me == 0) serve();
      if (me == 1) stop();
      if (me == 2) leave();
      if (me == 3) stay();
    });
    ASSERT_TRUE(leaver_ == success || leaver_ == (why_ == reason::stop ? cancelled : timed_out))
        << to_string(leaver_);
    ASSERT_EQ(stayer_, success);
    ASSERT_EQ(drain(*queue_, *queue_->consumer(), t_).size(), Side::left_inside(bound_));
  }

 private:
  /// In half of the rounds the item comes when both are asleep, otherwise at any moment.
  void aim(unsigned me) {
    random_source mine = random_.fork(me);
    if (watch_) {
      where_[0].wait_until_blocked(a_moment);
      where_[1].wait_until_blocked(a_moment);
    }
    aimed_.fetch_add(1);
    while (aimed_.load() < 2) std::this_thread::yield();
    stroll(mine.below(watch_ ? 400 : 20'000));
  }

  void serve() {
    {
      const auto side = Side::serving_handle(*queue_);
      aim(0);
      EXPECT_EQ(Side::serve(t_, *queue_, *side), success);
    }
    served_.store(true, std::memory_order_release);  // partner: leave(), stop()
  }

  /// In a quarter of the rounds the stop comes when the item is inside, and finds the thread that was woken
  /// for it: stay() goes to sleep after leave().
  void stop() {
    aim(1);
    while (late_ && !served_.load(std::memory_order_acquire)) std::this_thread::yield();  // partner: serve()
    source_.request_stop();
  }

  void leave() {
    const auto side = Side::handle(*queue_);
    where_[0].announce();
    if (why_ == reason::stop) {
      leaver_ = Side::wait(*side, source_.get_token());
    } else {
      const auto soon = std::chrono::microseconds{random_.fork(2).below(watch_ ? 150 : 30)};
      leaver_ = Side::wait(*side, std::chrono::steady_clock::now() + soon);
    }
    if (leaver_ != success) return;
    while (!served_.load(std::memory_order_acquire)) std::this_thread::yield();  // partner: serve()
    EXPECT_EQ(Side::serve(t_, *queue_, *Side::serving_handle(*queue_)), success);
  }

  void stay() {
    const auto side = Side::handle(*queue_);
    if (late_) where_[0].wait_until_blocked(a_moment);
    where_[1].announce();
    stayer_ = Side::wait(*side);
  }

  const trial& t_;
  const reason why_;
  random_source random_;
  std::unique_ptr<any_queue> queue_;
  const std::size_t bound_;
  bool watch_ = false;
  bool late_ = false;
  std::stop_source source_;
  presence where_[2];
  std::atomic<unsigned> aimed_{0};
  std::atomic<bool> served_{false};
  op_status leaver_ = full;
  op_status stayer_ = full;
};

template <class Side>
void run_leave_races(const trial& t, reason why) {
  crew threads(4);
  for (trial::rounds round(t, 1'500, 4); round.next();)
    leave_race<Side>(t, why, t.random(round.index())).run(threads);
}

void a_pop_that_is_stopped_passes_its_wake_up_on(const trial& t) {
  run_leave_races<popping>(t, reason::stop);
}
void a_push_that_is_stopped_passes_its_wake_up_on(const trial& t) {
  run_leave_races<pushing>(t, reason::stop);
}
void a_pop_that_times_out_passes_its_wake_up_on(const trial& t) {
  run_leave_races<popping>(t, reason::deadline);
}
void a_push_that_times_out_passes_its_wake_up_on(const trial& t) {
  run_leave_races<pushing>(t, reason::deadline);
}

constexpr unsigned two_pop = tries | blocks | many_consumers;
constexpr unsigned two_push = tries | blocks | many_producers | bounded;

}  // namespace

std::span<const test_case> leave_race_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_pop_that_is_stopped_passes_its_wake_up_on, two_pop | cancels, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_push_that_is_stopped_passes_its_wake_up_on, two_push | cancels, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_pop_that_times_out_passes_its_wake_up_on, two_pop | timed, tracked, setting::sleepers),
      HANDOFF_CASE(a_push_that_times_out_passes_its_wake_up_on, two_push | timed, tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
