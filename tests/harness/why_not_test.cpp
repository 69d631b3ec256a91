// Which cells a contender can run follows from its concepts and its traits, and is reported in words.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "harness/make_contender.hpp"
#include "queues/coroutine.hpp"
#include "queues/mutex_condvar.hpp"
#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using harness::cell;
using harness::scenario;
using harness::stop_protocol;
using harness::detail::why_not;

/// What a test's contender can do besides push and pop.
struct abilities {
  bool closes = false, joins = false, cancels = false;
  cardinality producers = cardinality::many, consumers = cardinality::many;
};

/// A queue in name only: it has the declarations, which are never called.
template <abilities Can>
struct declared {
  using value_type = harness::item_8;
  static constexpr backend_traits traits{.name = "declared",
                                         .summary = "",
                                         .reference = "",
                                         .producers = Can.producers,
                                         .consumers = Can.consumers,
                                         .waits = {wait_kind::native}};
  declared& producer();
  declared& consumer();
  op_status push(value_type&&);
  op_status pop(value_type&);
  op_status push(value_type&&, const std::stop_token&) requires(Can.cancels);
  op_status pop(value_type&, const std::stop_token&) requires(Can.cancels);
  void close() requires(Can.closes);
  [[nodiscard]] bool is_closed() const requires(Can.closes);
  void task_done() requires(Can.joins);
  void join() requires(Can.joins);
};

std::string reason(std::optional<std::string> why) { return why.value_or("can"); }

template <class Queue>
std::string reason_for(scenario what, unsigned producers = 1, unsigned consumers = 1) {
  cell c;
  c.scenario = what;
  c.producers = producers;
  c.consumers = consumers;
  return reason(why_not<Queue>(c));
}

template <class Queue>
std::string reason_for(stop_protocol stop) {
  cell c;
  c.scenario = scenario::shutdown;
  c.stop = stop;
  return reason(why_not<Queue>(c));
}

/// All eight combinations of the three concepts.
template <bool Closes, bool Joins, bool Cancels>
void expect_reasons() {
  using queue = declared<abilities{.closes = Closes, .joins = Joins, .cancels = Cancels}>;
  static_assert(closable<queue> == Closes && joinable<queue> == Joins && cancellable_queue<queue> == Cancels);
  for (const scenario what : {scenario::throughput, scenario::paced, scenario::ping_pong})
    EXPECT_EQ(reason_for<queue>(what), "can");
  EXPECT_EQ(reason_for<queue>(scenario::join), Joins ? "can" : "not joinable");
  EXPECT_EQ(reason_for<queue>(stop_protocol::sentinel), "can");
  EXPECT_EQ(reason_for<queue>(stop_protocol::relay), "can");
  EXPECT_EQ(reason_for<queue>(stop_protocol::close), Closes ? "can" : "not closable");
  EXPECT_EQ(reason_for<queue>(stop_protocol::join_cancel), !Joins     ? "not joinable"
                                                           : !Cancels ? "not cancellable"
                                                                      : "can");
}

TEST(why_not, follows_from_what_a_queue_can_do) {
  expect_reasons<false, false, false>();
  expect_reasons<false, false, true>();
  expect_reasons<false, true, false>();
  expect_reasons<false, true, true>();
  expect_reasons<true, false, false>();
  expect_reasons<true, false, true>();
  expect_reasons<true, true, false>();
  expect_reasons<true, true, true>();
}

TEST(why_not, counts_workers_against_the_traits) {
  using one_producer = declared<abilities{.producers = cardinality::one}>;
  using one_consumer = declared<abilities{.consumers = cardinality::one}>;
  using one_each = declared<abilities{.producers = cardinality::one, .consumers = cardinality::one}>;
  using many = declared<abilities{}>;
  EXPECT_EQ(reason_for<one_producer>(scenario::throughput, 2, 1), "one producer only");
  EXPECT_EQ(reason_for<one_producer>(scenario::throughput, 1, 2), "can");
  EXPECT_EQ(reason_for<one_consumer>(scenario::throughput, 1, 2), "one consumer only");
  EXPECT_EQ(reason_for<one_consumer>(scenario::throughput, 2, 1), "can");
  EXPECT_EQ(reason_for<one_each>(scenario::throughput, 1, 1), "can");
  EXPECT_EQ(reason_for<one_each>(scenario::paced, 2, 2), "one producer only");
  EXPECT_EQ(reason_for<many>(scenario::throughput, 64, 64), "can");
}

TEST(why_not, allows_ping_pong_one_worker_a_side) {
  using many = declared<abilities{}>;
  EXPECT_EQ(reason_for<many>(scenario::ping_pong, 1, 1), "can");
  EXPECT_EQ(reason_for<many>(scenario::ping_pong, 2, 1), "ping_pong has one producer and one consumer");
  EXPECT_EQ(reason_for<many>(scenario::ping_pong, 1, 2), "ping_pong has one producer and one consumer");
}

TEST(why_not, wants_of_a_tree_workers_that_push_and_pop_nodes) {
  cell c;
  c.scenario = scenario::tree;
  c.producers = c.consumers = 2;
  c.item = harness::item_kind::node;
  using many = mutex_condvar<harness::item_8>;
  EXPECT_EQ(reason(why_not<many>(c)), "tree needs a tree");
  c.tree = harness::tree_name::fib_16;
  EXPECT_EQ(reason(why_not<many>(c)), "can");
  EXPECT_EQ(reason(why_not<coroutine<harness::item_8>>(c)), "can");
  EXPECT_EQ(reason(why_not<declared<abilities{.joins = false}>>(c)), "not joinable");
  EXPECT_NE(reason(why_not<declared<abilities{.joins = true}>>(c)).find("no try_push"), std::string::npos);
  c.work_producer_ns = 1;
  EXPECT_EQ(reason(why_not<many>(c)), "the work of tree is work_consumer_ns, per node");
  c.work_producer_ns = 0;
  c.item = harness::item_kind::bytes_8;
  EXPECT_EQ(reason(why_not<many>(c)), "the items of tree are nodes");
  c.item = harness::item_kind::node;
  c.producers = 1;
  EXPECT_EQ(reason(why_not<many>(c)), "the workers of tree are producers and consumers at once");
  c.scenario = scenario::throughput;
  EXPECT_EQ(reason(why_not<many>(c)), "throughput has no nodes");
}

TEST(why_not, has_nothing_against_queues_that_can_do_everything) {
  for (const scenario what : {scenario::throughput, scenario::paced, scenario::join}) {
    EXPECT_EQ(reason_for<mutex_condvar<harness::item_8>>(what, 2, 2), "can");
    EXPECT_EQ(reason_for<coroutine<harness::item_8>>(what, 2, 2), "can");
  }
  for (const stop_protocol stop : harness::stop_protocol_words.values()) {
    EXPECT_EQ(reason_for<mutex_condvar<harness::item_8>>(stop), "can");
    EXPECT_EQ(reason_for<coroutine<harness::item_8>>(stop), "can");
  }
}

TEST(why_not, asks_for_a_stop_protocol) {
  EXPECT_NE(reason_for<declared<abilities{}>>(scenario::shutdown), "can");
}

/// A contender that is opened for a cell that it cannot run says so, and neither hangs nor measures another
/// cell.
TEST(open, refuses_what_why_not_refuses) {
  const auto refused = [](const trial& t) {
    ASSERT_TRUE(faulty_plain_contender.why_not(cell_of(t, wait_kind::native)).has_value());
    const ending e = run(t, faulty_plain_contender);
    EXPECT_EQ(e.status(), "exception") << e;
    EXPECT_EQ(e.exit_status, 3) << e;
    EXPECT_FALSE(e.any_number()) << e;
  };
  constexpr auto impatience = judged_by::impatience;
  refused({.scenario = scenario::join});
  refused({.how = impatience, .producers = 2, .scenario = scenario::ping_pong});
  refused({.how = impatience, .scenario = scenario::shutdown, .stop = stop_protocol::close});
  refused({.how = impatience, .scenario = scenario::shutdown, .stop = stop_protocol::join_cancel});
}

}  // namespace

}  // namespace handoff::harness_tests
