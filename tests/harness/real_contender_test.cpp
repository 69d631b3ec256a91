#include "tests/harness/real_contender.hpp"

#include <cmath>

namespace handoff::harness_tests {

std::vector<std::string> figures_of(const harness::sample& s) {
  std::vector<std::string> names;
  const auto add = [&](bool set, const char* name) {
    if (set) names.emplace_back(name);
  };
  add(s.items.has_value(), "items");
  add(s.seconds.has_value(), "seconds");
  add(s.items_per_second.has_value(), "items_per_second");
  add(s.rate_items_per_second.has_value(), "rate_items_per_second");
  add(s.latency.has_value(), "latency");
  add(s.join_ns.has_value(), "join_ns");
  add(s.task_done_ns.has_value(), "task_done_ns");
  add(s.shutdown_ns.has_value(), "shutdown_ns");
  add(s.threads_joined_ns.has_value(), "threads_joined_ns");
  add(s.clock_ns.has_value(), "clock_ns");
  add(s.resources.has_value(), "resources");
  add(s.fairness_producers.has_value(), "fairness_producers");
  add(s.fairness_consumers.has_value(), "fairness_consumers");
  return names;
}

namespace {

using harness::sample;
using harness::sample_status;
using harness::scenario;

std::vector<std::string> figures_due(scenario what) {
  switch (what) {
    case scenario::throughput:
      return {"items",
              "seconds",
              "items_per_second",
              "clock_ns",
              "resources",
              "fairness_producers",
              "fairness_consumers"};
    case scenario::paced:
      return {"items",    "seconds",   "items_per_second",   "rate_items_per_second", "latency",
              "clock_ns", "resources", "fairness_producers", "fairness_consumers"};
    case scenario::ping_pong: return {"items", "seconds", "items_per_second", "clock_ns", "resources"};
    case scenario::join: return {"items", "seconds", "join_ns", "task_done_ns", "clock_ns", "resources"};
    case scenario::shutdown:
      return {"items", "seconds", "shutdown_ns", "threads_joined_ns", "clock_ns", "resources"};
  }
  return {};
}

void expect_consistent(const sample& s, const harness::cell& c) {
  EXPECT_GT(*s.items, 0u);
  if (s.seconds) {
    EXPECT_GT(*s.seconds, 0);
  }
  if (s.items_per_second) {
    EXPECT_NEAR(*s.items_per_second, static_cast<double>(*s.items) / *s.seconds, 1e-6 * *s.items_per_second);
  }
  if (c.scenario == scenario::throughput || c.scenario == scenario::paced) {
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
    ASSERT_EQ(figures_of(s), figures_due(r.c.scenario));
    expect_consistent(s, r.c);
  }
}

TEST_P(real_contender, answers_a_sample_with_the_figures_of_its_scenario) { expect_true_sample(GetParam()); }

}  // namespace handoff::harness_tests
