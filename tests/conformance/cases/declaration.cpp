// What the traits say, held against what the concepts see.
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
  EXPECT_EQ(traits.runs_on, execution::threads);
  EXPECT_NE(traits.guarantee, progress::single_threaded) << "a queue of threads is used by several";
  EXPECT_TRUE(t.can().tries || t.can().blocks) << "neither try_push nor push";
  EXPECT_TRUE(traits.exact_empty || t.can().knows_size) << "`empty` may be false: then size() must tell";
  EXPECT_TRUE(!traits.bounded || t.can().knows_capacity) << "bounded, but does not know its capacity()";
  EXPECT_TRUE(traits.bounded || !t.can().knows_capacity) << "unbounded, but knows a capacity()";
  EXPECT_TRUE(t.can().blocks) << "a contender waits somehow";
}

void a_layered_wait_has_the_whole_contract(const trial& t) {
  const capabilities& can = t.can();
  EXPECT_TRUE(can.tries && can.blocks && can.timed && can.cancellable && can.closable && can.joinable &&
              can.counts_failures);
}

constexpr test_case cases[] = {
    HANDOFF_CASE(traits_name_the_header, nothing),
    HANDOFF_CASE(traits_agree_with_the_concepts, nothing),
    HANDOFF_CASE(a_layered_wait_has_the_whole_contract, layered_wait),
};

}  // namespace

std::span<const test_case> declaration_cases() { return cases; }

}  // namespace handoff::conformance
