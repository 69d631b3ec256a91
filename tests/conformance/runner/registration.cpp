// Which cases a contender gets, and what surrounds each of them: watchdog, seed, census.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>

#include "tests/conformance/adapter.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/runner/surroundings.hpp"

namespace handoff::conformance {

namespace {

/// One entry of a group for one contender and kind of item.
class conformance_test final : public ::testing::Test {
 public:
  conformance_test(const subject& who, const test_case& what, item_kind item)
      : who_(&who), what_(&what), item_(item) {}

  void TestBody() override {
    surrounded([this](std::uint64_t seed) { what_->run(trial(*who_, item_, seed)); });
  }

 private:
  const subject* who_;
  const test_case* what_;
  item_kind item_;
};

constexpr std::array<std::string_view, item_kinds> item_names{"word", "block", "tracked", "throwing"};

/// The name of the case, and the kind of item if there are several.
std::string test_name(const test_case& what, item_kind item) {
  std::string name(what.name);
  if ((what.items & (what.items - 1)) != 0)
    name.append("/").append(item_names[static_cast<std::size_t>(item)]);
  return name;
}

void register_case(const subject& who, const test_case& what) {
  for (std::size_t i = 0; i < item_kinds; ++i) {
    const auto item = static_cast<item_kind>(i);
    if ((what.items >> i & 1U) == 0 || who.make[i] == nullptr) continue;
    ::testing::RegisterTest(
        who.name.c_str(), test_name(what, item).c_str(), nullptr, nullptr, __FILE__, __LINE__,
        [&who, &what, item]() -> ::testing::Test* { return new conformance_test(who, what, item); });
  }
}

bool fits(const subject& who, setting where) {
  if (who.wait == wait_kind::loop) return where == setting::alone;
  return where == setting::sleepers || !who.parks_at_once;
}

class loop_test final : public ::testing::Test {
 public:
  explicit loop_test(void (*run)(std::uint64_t)) : run_(run) {}
  void TestBody() override { surrounded(run_); }

 private:
  void (*run_)(std::uint64_t);
};

}  // namespace

void register_on_loop(const std::string& name, std::span<const loop_case> cases) {
  for (const loop_case& what : cases)
    ::testing::RegisterTest(name.c_str(), what.name, nullptr, nullptr, __FILE__, __LINE__,
                            [run = what.run]() -> ::testing::Test* { return new loop_test(run); });
}

unsigned met_by(const subject& who) {
  const auto when = [](bool condition, unsigned met) { return condition ? met : 0U; };
  const auto& [can, traits] = std::tie(who.can, who.traits);
  return when(can.tries, tries) | when(can.blocks, blocks) | when(can.timed, timed) |
         when(can.cancellable, cancels) | when(can.closable, closes) | when(can.joinable, joins) |
         when(can.knows_size, sized) | when(can.counts_failures, counts_failed) |
         when(traits.bounded, bounded) | when(!traits.bounded, unbounded) |
         when(traits.exact_empty, exact_empty) | when(traits.producers == cardinality::many, many_producers) |
         when(traits.consumers == cardinality::many, many_consumers) |
         when(traits.order == ordering::fifo, global_fifo) |
         when(layered_waits.contains(who.wait), layered_wait) | when(who.wait == wait_kind::loop, loops) |
         when(can.starts_anywhere, positions) | when(can.self_feeding, spawns) |
         when(traits.on_throwing_move == throwing_move::strong, throws_strong) |
         when(traits.on_throwing_move != throwing_move::forbidden, throws_basic);
}

bool register_cases(subject who) {
  static std::deque<subject> everybody;  // GoogleTest keeps references until the end
  const subject& kept = everybody.emplace_back(std::move(who));
  const unsigned met = met_by(kept);
  for (const auto group :
       {declaration_cases(), single_thread_cases(), throwing_move_cases(), traffic_cases(),
        history_cases(),     bound_cases(),         close_cases(),         close_race_cases(),
        join_cases(),        join_race_cases(),     cancel_cases(),        deadline_cases(),
        leave_race_cases(),  precedence_cases(),    handle_cases(),        wake_up_cases(),
        content_cases(),     half_way_cases(),      account_cases(),       crowd_cases(),
        position_cases(),    visibility_cases(),    promptness_cases(),    robbed_cases(),
        capacity_cases(),    stalled_cases(),       stalled_close_cases(), spawning_cases()})
    for (const test_case& what : group)
      if ((what.needs & ~met) == 0 && fits(kept, what.where)) register_case(kept, what);
  return true;
}

void missing_operation(const char* operation) {
  std::fprintf(stderr, "the conformance suite called %s, which this contender does not have\n", operation);
  std::abort();
}

}  // namespace handoff::conformance
