// One faulty queue in one cell: what is wrong, when it goes wrong, and how the cell ended.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "harness/first_items.hpp"
#include "harness/session.hpp"
#include "tests/harness/child.hpp"
#include "tests/harness/fault.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::harness_tests {

enum class moment : unsigned char {
  from_the_start,   ///< in a cell that has one, the proof of order meets the fault
  after_the_proof,  ///< of order, which has made two queues
  in_a_sample
};

/// What the harness's verdict rests on, which decides how much patience a test can afford.
enum class judged_by : unsigned char {
  a_look,      ///< at what came out or was answered: limits are far away
  stalling,    ///< counts that stand still: the stall limit decides, and the step limit is far away
  impatience,  ///< either limit: both are near
};

struct trial {
  fault what = fault::none;
  std::uint64_t nth = 3;
  moment when = moment::from_the_start;
  judged_by how = judged_by::a_look;
  unsigned producers = 1;
  unsigned consumers = 1;
  std::size_t capacity = 64;
  harness::item_kind item = harness::item_kind::bytes_8;
  harness::scenario scenario = harness::scenario::throughput;
  std::optional<harness::stop_protocol> stop = {};
  harness::tree_name tree = harness::tree_name::skynet_3;
};

inline harness::cell cell_of(const trial& t, wait_kind wait) {
  harness::cell c;
  c.scenario = t.scenario;
  c.backend = "faulty";
  c.wait = wait;
  c.producers = t.producers;
  c.consumers = t.consumers;
  c.capacity = t.capacity;
  c.item = t.item;
  if (t.scenario == harness::scenario::paced) c.rate = 0.5;
  if (t.scenario == harness::scenario::tree) {
    c.item = harness::item_kind::node;
    c.tree = t.tree;
  }
  if (t.scenario == harness::scenario::shutdown) c.stop = t.stop.value_or(harness::stop_protocol::sentinel);
  return c;
}

inline harness::session_options options_of(judged_by how) {
  using namespace std::chrono_literals;
  constexpr std::int64_t slower = testing_support::slowdown > 1 ? 4 : 1;
  harness::session_options options;
  options.sample_length = 20ms;
  options.stall_limit = how == judged_by::a_look ? 50s : 400ms * slower;
  // How much is proven must not depend on time, unless little time is given.
  options.proof_limit = how == judged_by::impatience ? 100ms : 50s;
  options.step_limit = how == judged_by::impatience ? 1500ms : 55s;  // impatient: too early is right as well
  return options;
}

/// How many items pass through each fresh queue of the cell before its workers start.
inline std::uint64_t first_items_of(const harness::cell& c) {
  std::uint64_t items = 0;
  for (harness::first_items all(c, ordering::unordered); all.next_batch();) items += all.size();
  return items;
}

/// Opens the cell and takes two samples, in a child.
inline ending run(const trial& t, const harness::contender& contender) {
  return run_in_child([&](const reporter& report) {
    fault_plan::what = t.what;
    fault_plan::nth = t.nth;
    fault_plan::dawdle_ns = 3 * std::chrono::nanoseconds(options_of(t.how).stall_limit).count();
    fault_plan::first_items = first_items_of(cell_of(t, contender.wait));
    if (t.when == moment::from_the_start) fault_plan::armed = true;
    if (t.when == moment::after_the_proof) fault_plan::arming_queue = 3;
    const auto session = contender.open(cell_of(t, contender.wait), options_of(t.how));
    fault_plan::armed = true;
    for (int i = 0; i < 2; ++i) report.took(session->take());
  });
}

/// Whether the trial ended with this status, says so in these words, and gave no number.
inline testing::AssertionResult ends_as(const ending& e, const std::string& status,
                                        const std::string& words) {
  if (e.status() != status) return testing::AssertionFailure() << "ended as " << e;
  if (e.any_number()) return testing::AssertionFailure() << "a number came out of it: " << e;
  if (e.detail().find(words) == std::string::npos)
    return testing::AssertionFailure() << "not in these words: " << e;
  if (e.given_up && e.exit_status != 1)
    return testing::AssertionFailure() << "a cell was given up, and the process did not say so: " << e;
  return testing::AssertionSuccess();
}

/// A row of the test tables: what is broken, and how that must end.
struct broken {
  std::string name;
  trial t;
  std::string status;
  std::string words = "";  ///< part of the detail
};

inline void PrintTo(const broken& b, std::ostream* out) { *out << b.name; }

/// The body of every row.
inline void expect_right_end(const broken& b, const harness::contender& contender) {
  const ending e = run(b.t, contender);
  EXPECT_TRUE(ends_as(e, b.status, b.words));
  if (b.status == "crashed") {
    EXPECT_EQ(e.signal, SIGABRT);
  }
}

inline const auto by_name = [](const auto& info) { return info.param.name; };

}  // namespace handoff::harness_tests
