// How large the samples of a stream become, and what is proven before them; over a stream that takes
// a prescribed time, without a clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/scenarios/streams.hpp"

namespace handoff::harness_tests {

namespace {

using harness::stream_kind;

/// What the streams of a test did, and how long one of their items takes.
struct told {
  inline static double seconds_an_item = 1e-6;
  inline static std::vector<std::uint64_t> runs;
};

class told_stream final : public harness::any_stream {
 public:
  told_stream() { told::runs.clear(); }
  harness::stream_outcome run_as(stream_kind, std::uint64_t items, double interval_ns) override {
    told::runs.push_back(items);
    harness::stream_outcome result;
    result.items = items;
    result.seconds = static_cast<double>(items) * std::max(told::seconds_an_item, interval_ns * 1e-9);
    return result;
  }
};

harness::cell cell_of(harness::scenario what, unsigned producers, unsigned consumers, std::size_t capacity) {
  harness::cell c;
  c.scenario = what;
  c.backend = "told";
  c.producers = producers;
  c.consumers = consumers;
  c.capacity = capacity;
  if (what == harness::scenario::paced) c.rate = 0.5;
  return c;
}

harness::session_options millisecond() {
  harness::session_options options;
  options.sample_length = std::chrono::milliseconds{1};
  return options;
}

class a_session : public testing::Test {
 protected:
  void SetUp() override {
    told::seconds_an_item = 5e-7;  // 2,000 in a sample
  }
};

TEST_F(a_session, of_throughput_fills_the_queue_several_times_and_gives_every_worker_many_turns) {
  for (const std::size_t capacity : {1U, 1024U})
    for (const unsigned consumers : {1U, 40U}) {
      const auto session =
          harness::open_throughput(cell_of(harness::scenario::throughput, 1, consumers, capacity),
                                   millisecond(), std::make_unique<told_stream>());
      EXPECT_EQ(session->take().status, harness::sample_status::ok);
      EXPECT_GE(told::runs.back(), 4 * capacity);
      EXPECT_GE(told::runs.back(), 64 * consumers);
      EXPECT_GE(told::runs.back(), 2000U);
      EXPECT_LE(told::runs.back(), 4096U);
    }
}

TEST_F(a_session, that_paces_gives_every_worker_many_turns) {
  const auto session = harness::open_paced(cell_of(harness::scenario::paced, 2, 40, 16), millisecond(),
                                           std::make_unique<told_stream>());
  (void)session->take();
  EXPECT_GE(told::runs.back(), 64U * 40);
  EXPECT_LE(told::runs.back(), 64U * 40 + 2);
}

}  // namespace

}  // namespace handoff::harness_tests
