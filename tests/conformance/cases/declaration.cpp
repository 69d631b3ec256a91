// Compares what the traits say with what the concepts see.
#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

void traits_name_the_header(const trial& t) {
  EXPECT_EQ(t.traits().name, t.who().backend);
  EXPECT_FALSE(t.traits().summary.empty());
  EXPECT_FALSE(t.traits().reference.empty());
}

void traits_agree_with_the_concepts(const trial& t) {
  const backend_traits& traits = t.traits();
  EXPECT_TRUE(traits.waits.contains(t.who().wait));
  EXPECT_TRUE(t.can().tries || t.can().blocks) << "neither try_push nor push";
  EXPECT_TRUE(traits.exact_empty || t.can().knows_size) << "`empty` may be false: then size() must tell";
  EXPECT_TRUE(!traits.bounded || t.can().knows_capacity) << "bounded, but does not know its capacity()";
  EXPECT_TRUE(traits.bounded || !t.can().knows_capacity) << "unbounded, but knows a capacity()";
}

void a_queue_of_threads_is_declared_as_one(const trial& t) {
  EXPECT_EQ(t.traits().runs_on, execution::threads);
  EXPECT_NE(t.traits().guarantee, progress::single_threaded);
  EXPECT_FALSE(t.traits().waits.contains(wait_kind::loop));
}

void a_queue_of_coroutines_is_declared_as_one(const trial& t) {
  EXPECT_EQ(t.traits().runs_on, execution::coroutines);
  EXPECT_TRUE(t.traits().guarantee == progress::single_threaded ||
              t.traits().guarantee == progress::blocking);
  EXPECT_FALSE(t.can().blocks) << "a push that blocks a thread of other tasks, too";
}

void a_layered_wait_has_the_whole_contract(const trial& t) {
  const capabilities& can = t.can();
  EXPECT_TRUE(can.tries && can.blocks && can.timed && can.cancellable && can.closable && can.joinable &&
              can.counts_failures);
}

}  // namespace

std::span<const test_case> declaration_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(traits_name_the_header, nothing, tracked, setting::alone),
      HANDOFF_CASE(traits_agree_with_the_concepts, nothing, tracked, setting::alone),
      HANDOFF_CASE(a_queue_of_threads_is_declared_as_one, blocks, tracked, setting::alone),
      HANDOFF_CASE(a_queue_of_coroutines_is_declared_as_one, loops, tracked, setting::alone),
      HANDOFF_CASE(a_layered_wait_has_the_whole_contract, layered_wait, tracked, setting::alone),
  };
  return cases;
}

}  // namespace handoff::conformance
