// An item whose move stands still in the middle of a push or a pop: what others see then, they see too early.
// The schedules that a torn item, a place refilled too soon or a hasty count otherwise need luck for are
// certain here.
#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/paused.hpp"

namespace handoff::conformance {

namespace {

void an_item_comes_out_when_it_is_inside_as_a_whole(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    paused_operation push(moves,
                          [&] { return way == 0 ? q.producer->try_push(7) : push_by(way, *q.producer, 7); });
    if (!push.stands_still()) return false;
    item_key key = 0;
    bystander pop([&] { return pop_by(way, *q.consumer, key); });
    EXPECT_TRUE(pop.waits()) << "a pop ended while the push of the only item was half-way through its move";
    EXPECT_EQ(push.finish(), success);
    EXPECT_EQ(pop.finish(), success);
    EXPECT_EQ(key, 7U);
    return true;
  });
}

void a_place_is_filled_anew_when_its_item_has_left_as_a_whole(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 1);
    const std::size_t bound = fill(*q.producer, 0);
    item_key first = 0;
    paused_operation pop(
        moves, [&] { return way == 0 ? q.consumer->try_pop(first) : pop_by(way, *q.consumer, first); });
    if (!pop.stands_still()) return false;
    bystander push([&] { return push_by(way, *q.producer, 100); });
    EXPECT_EQ(pop.finish(), success);
    EXPECT_EQ(push.finish(), success);
    auto keys = drain(*q.queue, *q.consumer, t);
    EXPECT_EQ(keys.size(), bound);
    item_key sum = first;
    for (const item_key key : keys) sum += key;
    EXPECT_EQ(sum, bound * (bound - 1) / 2 + 100) << "not the items that were pushed";
    return true;
  });
}

void size_is_not_too_low_while_a_pop_is_under_way(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    for (item_key i = 0; i < 3; ++i) EXPECT_EQ(q.producer->try_push(item_key{i}), success);
    item_key key = 0;
    paused_operation pop(moves,
                         [&] { return way == 0 ? q.consumer->try_pop(key) : pop_by(way, *q.consumer, key); });
    if (!pop.stands_still()) return false;
    std::size_t answer = 0;
    bystander look([&] {
      answer = q.queue->size();
      return success;
    });
    EXPECT_EQ(pop.finish(), success);
    look.finish();
    EXPECT_TRUE(answer == 2 || answer == 3)
        << "size() was " << answer << " while one of three items was being popped";
    EXPECT_EQ(q.queue->size(), 2U) << "at rest";
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 2U);
    return true;
  });
}

void size_is_not_too_high_while_a_push_is_under_way(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    for (item_key i = 0; i < 2; ++i) EXPECT_EQ(q.producer->try_push(item_key{i}), success);
    paused_operation push(moves,
                          [&] { return way == 0 ? q.producer->try_push(2) : push_by(way, *q.producer, 2); });
    if (!push.stands_still()) return false;
    std::size_t answer = 0;
    bystander look([&] {
      answer = q.queue->size();
      return success;
    });
    EXPECT_EQ(push.finish(), success);
    look.finish();
    EXPECT_TRUE(answer == 2 || answer == 3)
        << "size() was " << answer << " while a third item was being pushed";
    EXPECT_EQ(q.queue->size(), 3U) << "at rest";
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 3U);
    return true;
  });
}

}  // namespace

std::span<const test_case> half_way_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(an_item_comes_out_when_it_is_inside_as_a_whole, tries, tracked, setting::sleepers),
      HANDOFF_CASE(a_place_is_filled_anew_when_its_item_has_left_as_a_whole, tries | bounded, tracked,
                   setting::sleepers),
      HANDOFF_CASE(size_is_not_too_low_while_a_pop_is_under_way, tries | sized),
      HANDOFF_CASE(size_is_not_too_high_while_a_push_is_under_way, tries | sized),
  };
  return cases;
}

}  // namespace handoff::conformance
