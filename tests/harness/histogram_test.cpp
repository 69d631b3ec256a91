// Compares the histogram with percentiles of the sorted values.
#include "harness/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::histogram;
using harness::latency_summary;
using testing_support::random_source;

/// A share in thousandths, so that ranks are exact.
struct share {
  std::uint64_t thousandths;
  [[nodiscard]] double value() const { return static_cast<double>(thousandths) / 1000; }
  [[nodiscard]] std::uint64_t rank(std::uint64_t count) const { return (thousandths * count + 999) / 1000; }
};
constexpr share p50{500}, p90{900}, p99{990}, p999{999};

/// Uniform in (0, 1].
double unit(random_source& random) { return static_cast<double>((random.next() >> 11) + 1) * 0x1p-53; }

histogram recorded(const std::vector<std::int64_t>& values) {
  histogram h;
  for (const std::int64_t value : values) h.record(value);
  return h;
}

/// The nearest-rank percentile, if at least ten values lie beyond it.
std::optional<double> exact(std::vector<std::int64_t> values, share q) {
  const std::uint64_t rank = q.rank(values.size());
  if (rank == 0 || values.size() - rank < 10) return std::nullopt;
  std::sort(values.begin(), values.end());
  return static_cast<double>(values[rank - 1]);
}

void expect_close(std::optional<double> found, std::optional<double> wanted, const std::string& what) {
  ASSERT_EQ(found.has_value(), wanted.has_value()) << what;
  if (wanted) {
    EXPECT_NEAR(*found, *wanted, 0.01 * *wanted) << what;
  }
}

struct distribution {
  const char* name;
  std::function<std::int64_t(random_source&)> draw;
};

const std::vector<distribution> distributions{
    {"uniform", [](random_source& r) { return static_cast<std::int64_t>(r.below(1'000'000)); }},
    {"exponential", [](random_source& r) { return static_cast<std::int64_t>(-2000 * std::log(unit(r))); }},
    {"bimodal",
     [](random_source& r) {
       return static_cast<std::int64_t>(r.below(10) == 0 ? 4'000'000 + r.below(1000) : 80 + r.below(40));
     }},
    {"heavy tail", [](random_source& r) { return static_cast<std::int64_t>(100 / std::pow(unit(r), 1.25)); }},
    {"below 256", [](random_source& r) { return static_cast<std::int64_t>(r.below(256)); }},
    {"one value", [](random_source&) { return std::int64_t{1'234'567}; }},
};

TEST(histogram, is_within_one_percent_of_the_exact_percentiles) {
  const std::uint64_t seed = testing_support::test_seed();
  for (const distribution& s : distributions)
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{19}, std::size_t{20}, std::size_t{1009}, std::size_t{50'000}}) {
      SCOPED_TRACE(std::string(s.name) + ", " + std::to_string(count) +
                   " values, HANDOFF_TEST_SEED=" + std::to_string(seed));
      random_source random(seed);
      std::vector<std::int64_t> values(count);
      for (std::int64_t& value : values) value = s.draw(random);
      const latency_summary found = recorded(values).summary();
      EXPECT_EQ(found.count, count);
      EXPECT_EQ(found.max, static_cast<double>(*std::max_element(values.begin(), values.end())));
      expect_close(found.p50, exact(values, p50), "p50");
      expect_close(found.p90, exact(values, p90), "p90");
      expect_close(found.p99, exact(values, p99), "p99");
      expect_close(found.p999, exact(values, p999), "p99.9");
    }
}

TEST(histogram, knows_every_single_value_to_one_percent) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  random_source random(seed);
  std::vector<std::uint64_t> values{0, 1, 127, 128, 129, 255, 256, 257, 511, 512, 65535, 65536};
  for (unsigned bits = 1; bits < 63; ++bits)
    for (int i = 0; i < 20; ++i)
      values.push_back((std::uint64_t{1} << bits) + random.below(std::uint64_t{1} << bits));
  for (const std::uint64_t value : values) {
    histogram h;
    for (int i = 0; i < 21; ++i) h.record(static_cast<std::int64_t>(value));
    const auto exactly = static_cast<double>(value);
    ASSERT_TRUE(h.percentile(0.5).has_value());
    EXPECT_NEAR(*h.percentile(0.5), exactly, 0.01 * exactly) << value;
    if (value < 256) {
      EXPECT_EQ(*h.percentile(0.5), exactly);
    }
    EXPECT_EQ(h.summary().max, exactly);
  }
}

TEST(histogram, keeps_the_order_of_values) {
  double last = -1;
  for (std::uint64_t value = 0; value < 100'000; value += value < 2000 ? 1 : 37) {
    histogram h;
    for (int i = 0; i < 21; ++i) h.record(static_cast<std::int64_t>(value));
    ASSERT_GE(*h.percentile(0.5), last) << value;
    last = *h.percentile(0.5);
  }
}

TEST(histogram, shows_a_percentile_only_with_ten_values_beyond_it) {
  histogram h;
  for (std::uint64_t count = 1; count <= 20'000; ++count) {
    h.record(static_cast<std::int64_t>(count));
    for (const share q : {p50, p90, p99, p999}) {
      const bool enough = count - q.rank(count) >= 10;
      ASSERT_EQ(h.percentile(q.value()).has_value(), enough) << q.thousandths << " of " << count;
    }
  }
}

TEST(histogram, without_values_has_no_figures) {
  const latency_summary s = histogram{}.summary();
  EXPECT_EQ(s.count, 0u);
  for (const auto& figure : {s.p50, s.p90, s.p99, s.p999, s.max}) EXPECT_FALSE(figure.has_value());
}

TEST(histogram, counts_negative_values_as_zero_and_takes_the_largest) {
  constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const latency_summary low = recorded(std::vector<std::int64_t>(30, smallest)).summary();
  EXPECT_EQ(low.p50, 0.0);
  EXPECT_EQ(low.max, 0.0);
  const latency_summary high = recorded(std::vector<std::int64_t>(30, largest)).summary();
  EXPECT_EQ(high.count, 30u);
  EXPECT_EQ(high.max, static_cast<double>(largest));
  EXPECT_NEAR(*high.p50, static_cast<double>(largest), 0.01 * static_cast<double>(largest));
}

TEST(histogram, merged_equals_recorded_together) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  random_source random(seed);
  histogram together, sum;
  std::vector<histogram> parts(5);
  for (int i = 0; i < 30'000; ++i) {
    const std::int64_t value = distributions[random.below(distributions.size())].draw(random);
    together.record(value);
    parts[random.below(4)].record(value);  // the last one stays empty
  }
  for (const histogram& part : parts) sum.merge(part);
  EXPECT_EQ(sum.count(), together.count());
  EXPECT_EQ(sum.summary().max, together.summary().max);
  for (int thousandths = 1; thousandths < 1000; ++thousandths)
    ASSERT_EQ(sum.percentile(thousandths / 1000.0), together.percentile(thousandths / 1000.0)) << thousandths;
}

}  // namespace

}  // namespace handoff::harness_tests
