// Two threads wait; a partner stands still in the middle of its operation, and another one, which came after
// it, gets through. A queue whose places are used in turn may then continue to return `full` or `empty`,
// although there is a place or an item: a thread that is woken for it and does not find it must not go to
// sleep as if there were none.
#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/paused.hpp"

namespace handoff::conformance {

namespace {

/// Waits for places of a full queue, which pops bring.
struct behind_a_pop {
  static std::size_t prepare(any_queue& queue) { return fill(*queue.producer(), 0); }
  static auto serving_side(any_queue& queue) { return queue.consumer(); }
  static void wait(blocked_threads& sleepers, any_queue& queue, unsigned way) {
    sleepers.push(queue, [way](any_producer& p) { return push_by(way, p, 100); });
  }
  static op_status serve(any_consumer& consumer) {
    item_key key = 0;
    return consumer.try_pop(key);
  }
  static std::size_t left_inside(std::size_t bound) { return bound; }
};

/// Waits for items of an empty queue, which pushes bring.
struct behind_a_push {
  static std::size_t prepare(any_queue&) { return 0; }
  static auto serving_side(any_queue& queue) { return queue.producer(); }
  static void wait(blocked_threads& sleepers, any_queue& queue, unsigned way) {
    sleepers.pop(queue, [way](any_consumer& c, item_key& key) { return pop_by(way, c, key); });
  }
  static op_status serve(any_producer& producer) { return producer.try_push(100); }
  static std::size_t left_inside(std::size_t) { return 0; }
};

/// What comes, comes for one of the two. False if the partner's operation has no such move.
template <class Side>
bool serve_two(const trial& t, unsigned way, std::uint64_t moves) {
  const auto queue = t.make(2);
  const std::size_t bound = Side::prepare(*queue);
  blocked_threads sleepers;
  for (unsigned i = 0; i < 2; ++i) {
    Side::wait(sleepers, *queue, way);
    sleepers.wait_until_blocked();
  }
  const auto serve = [&queue] {
    const auto side = Side::serving_side(*queue);
    op_status status{};
    do {
      status = Side::serve(*side);
    } while (status == empty || status == full);  // a try may fail while another operation stands still
    return status;
  };
  paused_operation stalled(moves, serve);
  const bool stood_still = stalled.stands_still();
  bystander second(serve);
  sleepers.wait_until_blocked();  // also those that were woken, and did not find what came
  EXPECT_EQ(stalled.finish(), success);
  EXPECT_EQ(second.finish(), success);
  sleepers.join();  // forever, if one sleeps beside what came
  for (std::size_t i = 0; i < sleepers.size(); ++i) EXPECT_EQ(sleepers.answer(i), success);
  EXPECT_EQ(drain(*queue, *queue->consumer(), t).size(), Side::left_inside(bound));
  return stood_still;
}

template <class Side>
void serve_two_by_each_way(const trial& t) {
  for_each_pause(
      t, [&](unsigned way, std::uint64_t moves) { return way != 0 && serve_two<Side>(t, way, moves); });
}

void places_behind_a_stalled_pop_find_their_producers(const trial& t) {
  serve_two_by_each_way<behind_a_pop>(t);
}
void items_behind_a_stalled_push_find_their_consumers(const trial& t) {
  serve_two_by_each_way<behind_a_push>(t);
}

}  // namespace

std::span<const test_case> stalled_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(places_behind_a_stalled_pop_find_their_producers,
                   tries | blocks | bounded | many_producers | many_consumers, tracked, setting::sleepers),
      HANDOFF_CASE(items_behind_a_stalled_push_find_their_consumers,
                   tries | blocks | many_producers | many_consumers, tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
