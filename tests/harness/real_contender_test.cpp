#include "tests/harness/real_contender.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace handoff::harness_tests {

namespace {

using harness::sample;
using harness::sample_status;
using harness::scenario;

/// Those of the scenario's row and those that every sample has, and none of another scenario's.
void expect_figures(const sample& s, scenario measured) {
  EXPECT_TRUE(s.items && s.seconds && s.clock_ns && s.resources);
  const auto due = harness::facts_of(measured).figures;
  for (const harness::scenario_facts& facts : harness::scenario_rows)
    for (std::size_t i = 0; i < facts.figures.size(); ++i) {
      const auto check = facts.figures[i];
      ASSERT_EQ(check(s), std::ranges::count(due, check) != 0)
          << to_string(measured) << " and figure " << i << " of " << facts.word;
    }
}

void expect_shared_fairly(const sample& s, const harness::cell& c) {
  // Several consumers on threads end the window a little before the last item.
  if (c.consumers == 1 || c.wait == wait_kind::loop) {
    EXPECT_EQ(*s.items % c.producers, 0u);
  }
  for (const auto fairness : {*s.fairness_producers, *s.fairness_consumers}) {
    EXPECT_GE(fairness, 0);
    EXPECT_LE(fairness, 1);
  }
  if (c.producers == 1) {
    EXPECT_EQ(s.fairness_producers, 1);
  }
  if (c.consumers == 1) {
    EXPECT_EQ(s.fairness_consumers, 1);
  }
}

void expect_consistent_tree(const sample& s, const harness::cell& c) {
  EXPECT_EQ(*s.items % harness::facts_of(*c.tree).nodes, 0u);
  EXPECT_GT(*s.node_ns, 0);
  EXPECT_GT(*s.serial_node_ns, 0);
  EXPECT_NEAR(*s.speed_up, *s.serial_node_ns / *s.node_ns, 1e-6 * *s.speed_up);
  for (const auto share : {*s.idle_share, *s.kept_share}) {
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
  }
  if (!c.capacity) {
    EXPECT_EQ(s.kept_share, 0);
  }
  for (const bool has : {s.steals.has_value(), s.steals_empty.has_value(), s.steals_lost.has_value()})
    EXPECT_EQ(has, s.search_share.has_value());
  if (s.search_share) {
    EXPECT_GE(*s.search_share, 0);
    EXPECT_LE(*s.steals, *s.items);
  }
}

void expect_consistent(const sample& s, const harness::cell& c) {
  EXPECT_GT(*s.items, 0u);
  if (s.seconds) {
    EXPECT_GT(*s.seconds, 0);
  }
  if (s.items_per_second) {
    EXPECT_NEAR(*s.items_per_second, static_cast<double>(*s.items) / *s.seconds, 1e-6 * *s.items_per_second);
  }
  if (c.scenario == scenario::throughput || c.scenario == scenario::paced) expect_shared_fairly(s, c);
  if (s.latency) {
    EXPECT_GE(s.latency->count, *s.items);
    EXPECT_GE(*s.latency->max, s.latency->p50.value_or(0) * 0.99);
    EXPECT_GT(*s.rate_items_per_second, 0);
  }
  if (s.join_ns) {
    EXPECT_GE(*s.join_ns, 0);
    EXPECT_TRUE(std::isfinite(*s.task_done_ns));
  }
  if (s.shutdown_ns) {
    EXPECT_GT(*s.shutdown_ns, 0);
    EXPECT_LE(*s.shutdown_ns, *s.threads_joined_ns);
  }
  if (s.node_ns) expect_consistent_tree(s, c);
  EXPECT_GT(*s.clock_ns, 0);
}

}  // namespace

void expect_true_sample(const real_cell& r) {
  const testing_support::watchdog hung(name_of(r.c), 0);
  harness::session_options options;
  options.sample_length = std::chrono::milliseconds{2};
  const auto session = r.contender.open(r.c, options);
  for (int i = 0; i < 2; ++i) {
    const sample s = session->take();
    if (r.c.scenario == scenario::paced && s.status == sample_status::unsustained)
      EXPECT_NE(s.detail.find("kept"), std::string::npos) << s.detail;
    else
      ASSERT_EQ(s.status, sample_status::ok) << s.detail;
    ASSERT_NO_FATAL_FAILURE(expect_figures(s, r.c.scenario));
    expect_consistent(s, r.c);
  }
}

TEST_P(real_contender, answers_a_sample_with_the_figures_of_its_scenario) { expect_true_sample(GetParam()); }

}  // namespace handoff::harness_tests
