#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/contenders/registry.hpp"
#include "bench/instructions/counted_loops.hpp"
#include "tests/bench/bench_program.hpp"

namespace handoff::bench {
namespace {

std::uint64_t planted_turns = 0;

microbenchmark planted(int items_per_turn) {
  return {"planted", [items_per_turn](benchmark::State& state) {
            for ([[maybe_unused]] auto _ : state) ++planted_turns;
            if (items_per_turn != 0) state.SetItemsProcessed(state.iterations() * items_per_turn);
          }};
}

testing::subprocess_result count_program(testing::strings words) {
  words.insert(words.begin(), testing::program("bench/instructions/handoff-instructions"));
  return testing::run_subprocess(words, std::chrono::seconds(120));
}

TEST(instructions, a_loop_takes_exactly_as_many_turns_as_it_is_told) {
  planted_turns = 0;
  const auto loops = loops_of(planted(0));
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_EQ(loops.front().run(1000), 1000U);
  EXPECT_EQ(planted_turns, 1000U);
}

TEST(instructions, a_loop_whose_turns_have_several_items_says_how_many_it_did) {
  EXPECT_EQ(loops_of(planted(64)).front().run(10), 640U);
}

TEST(instructions, a_loop_that_fails_throws_its_own_sentence) {
  const auto throwing = loops_of({"planted", [](benchmark::State&) { throw std::runtime_error("no room"); }});
  const auto skipping =
      loops_of({"planted", [](benchmark::State& state) { state.SkipWithError("an attempt failed"); }});
  for (const auto& [loops, sentence] :
       {std::pair(throwing, "planted: no room"), std::pair(skipping, "planted: an attempt failed")}) {
    try {
      loops.front().run(10);
      FAIL() << "it did not throw";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), sentence);
    }
  }
}

TEST(instructions, a_microbenchmark_that_times_itself_is_not_counted) {
  auto one = planted(0);
  one.how = microbenchmark::kind::times_itself;
  EXPECT_TRUE(loops_of(one).empty());
}

TEST(instructions, a_microbenchmark_by_capacity_is_a_loop_for_each) {
  std::vector<std::int64_t> capacities;
  const auto loops = loops_of({"planted",
                               [&](benchmark::State& state) {
                                 capacities.push_back(state.range(0));
                                 for ([[maybe_unused]] auto _ : state) ++planted_turns;
                               },
                               microbenchmark::kind::by_capacity});
  for (const counted_loop& loop : loops) loop.run(10);
  EXPECT_EQ(capacities, (std::vector<std::int64_t>{1, 1024}));
  EXPECT_EQ(loops.front().name, "planted/cap:1");
}

TEST(instructions, every_contender_that_is_available_has_a_loop) {
  std::set<std::string> names;
  for (const counted_loop& loop : counted_loops(registry()))
    EXPECT_TRUE(names.insert(loop.name).second) << loop.name << " is there twice";
  for (const backend& one : registry()) {
    if (!one.available() || one.is_peer()) continue;
    for (const harness::contender& contender : one.contenders) {
      const auto name = std::string(one.name) + "/wait:" + std::string(to_string(contender.wait));
      EXPECT_TRUE(names.contains("push_pop/" + name) || names.contains("try_push_try_pop/" + name)) << name;
    }
  }
  EXPECT_TRUE(names.contains("task/stealing_executor"));
  EXPECT_TRUE(names.contains("task/stealing_task"));
}

TEST(instructions, every_loop_does_what_it_is_asked_for) {
  for (const counted_loop& loop : counted_loops(registry())) EXPECT_GE(loop.run(100), 100U) << loop.name;
}

TEST(instructions, the_program_says_how_many_items_it_did) {
  const auto done = count_program({"--loop", "push_pop/mutex_condvar/wait:native", "--items", "300"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "300\n");
}

TEST(instructions, an_unknown_loop_is_told_with_the_one_that_was_meant) {
  const auto done = count_program({"--loop", "push_pop/mutex_condvar/wait:natve"});
  EXPECT_EQ(done.code, 2);
  EXPECT_EQ(done.err,
            "handoff-instructions: --loop: there is no 'push_pop/mutex_condvar/wait:natve'; did you mean "
            "'push_pop/mutex_condvar/wait:native'?\n");
}

TEST(instructions, neither_a_list_nor_a_loop_is_a_mistake) {
  EXPECT_EQ(count_program({}).err, "handoff-instructions: give either --list or --loop NAME\n");
}

}  // namespace
}  // namespace handoff::bench
