// close() comes while a push stands still in the middle: whether its item will be accepted is not certain
// yet. Until it is, no operation returns `closed`, and none waits beyond its limits. (If the push holds a
// lock meanwhile, as a backend that declares itself `blocking` may, everybody waits for that.)
#include <chrono>
#include <optional>
#include <stop_token>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/paused.hpp"

namespace handoff::conformance {

namespace {

class stalled_push {
 public:
  stalled_push(const trial& t, unsigned way, std::uint64_t moves)
      : t_(t), q_(t, 4), push_(moves, [this, way] {
          return way == 0 ? q_.producer->try_push(7) : push_by(way, *q_.producer, 7);
        }) {}

  [[nodiscard]] bool stands_still() const noexcept { return push_.stands_still(); }

  void close() {
    closing_.emplace([this] {
      q_.queue->close();
      return success;
    });
    may_not_wait("close()", *closing_);
    expect_at_once("try_pop", empty, [this] { return q_.consumer->try_pop(key_); });
    if (t_.can().timed)
      expect_at_once("pop_until", timed_out, [this] { return q_.consumer->pop_until(key_, past()); });
    if (!t_.can().cancellable) return;
    std::stop_source source;
    source.request_stop();
    expect_at_once("pop", cancelled,
                   [this, token = source.get_token()] { return q_.consumer->pop(key_, token); });
  }

  /// A limit is reached while the pop waits.
  void wait_within_limits() {
    if (locked_) return;
    if (t_.can().timed) {
      const deadline_t soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{2};
      EXPECT_EQ(q_.consumer->pop_until(key_, soon), timed_out);
    }
    if (!t_.can().cancellable) return;
    std::stop_source source;
    bystander waiting([&] { return q_.consumer->pop(key_, source.get_token()); });
    EXPECT_TRUE(waiting.waits()) << "a pop ended though neither an item nor `closed` was certain";
    source.request_stop();
    EXPECT_EQ(waiting.finish(), cancelled);
  }

  void go_on() {
    const op_status pushed = push_.finish();
    EXPECT_TRUE(pushed == success || pushed == closed) << to_string(pushed);
    closing_->finish();
    std::size_t popped = 0;
    if (popping_) {
      const op_status answer = popping_->finish();
      EXPECT_FALSE(answer == closed && pushed == success) << "`closed`, and an item was to come";
      if (answer == success) ++popped;
    }
    while (take(*q_.queue, *q_.consumer, t_, key_) == success) ++popped;
    EXPECT_EQ(popped, pushed == success ? 1U : 0U) << "items popped";
    EXPECT_EQ(q_.consumer->try_pop(key_), closed) << "everything has come out";
  }

 private:
  /// The status of a pop. Once an operation waits, no more pops are tried.
  template <class Pop>
  void expect_at_once(const char* what, op_status answer, Pop pop) {
    if (locked_) return;
    popping_.emplace(pop);
    may_not_wait(what, *popping_);
    if (locked_) return;
    EXPECT_EQ(popping_->finish(), answer) << what;
    popping_.reset();
  }

  void may_not_wait(const char* what, const bystander& who) {
    locked_ = who.waits();
    if (!locked_) return;
    EXPECT_EQ(t_.traits().guarantee, progress::blocking)
        << what << " waits for a push that stands still, in a queue that is not declared as `blocking`";
  }

  const trial& t_;
  lone_queue q_;
  item_key key_ = 0;
  bool locked_ = false;
  std::optional<bystander> closing_;
  std::optional<bystander> popping_;  // waits for the push
  paused_operation push_;             // ends before they do
};

void a_push_stalled_in_a_closed_queue_delays_no_answer(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    stalled_push stalled(t, way, moves);
    if (!stalled.stands_still()) return false;
    stalled.close();
    if (!::testing::Test::HasFailure()) stalled.wait_within_limits();
    stalled.go_on();
    return true;
  });
}

}  // namespace

std::span<const test_case> stalled_close_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_push_stalled_in_a_closed_queue_delays_no_answer, tries | closes, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
