// The rows of the axes: every value that a matrix may write reaches the cell, and comes back from it.
#include "harness/axes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/cell.hpp"

namespace handoff::harness_tests {

namespace {

using harness::axis;
using harness::axis_value;
using harness::cell;

/// The values at the ends of a domain, or all of them.
struct corners_of {
  std::vector<axis_value> operator()(harness::not_listed) const { return {}; }
  std::vector<axis_value> operator()(harness::whole_numbers range) const { return {range.least, range.most}; }
  std::vector<axis_value> operator()(harness::shares) const { return {0.001, 1.0}; }
  std::vector<axis_value> operator()(const harness::word_list& list) const {
    return {list.words.begin(), list.words.end()};
  }
};

TEST(axes, give_back_every_value_that_they_are_set_to) {
  unsigned listed = 0;
  for (const axis& each : harness::axes()) {
    for (const axis_value& value : std::visit(corners_of{}, each.domain)) {
      ++listed;
      cell c;
      each.set(c, value);
      for (const axis& other : harness::axes()) {
        const axis_value expected = other.key == each.key ? value : other.get(cell{});
        EXPECT_EQ(other.get(c), expected) << other.key << " after " << each.key;
      }
    }
  }
  EXPECT_GT(listed, 20u);
}

/// An unbounded contender has none, and a scenario that is not the owner.
TEST(axes, that_may_not_apply_can_be_set_to_nothing) {
  for (const axis& each : harness::axes()) {
    if (!each.bounded_only && !each.owner) continue;
    cell c;
    each.set(c, each.otherwise);
    EXPECT_EQ(each.get(c), each.otherwise) << each.key;
    each.set(c, {});
    EXPECT_EQ(each.get(c), axis_value()) << each.key;
  }
}

TEST(axes, differ_in_their_keys_and_labels_but_for_the_two_sides_of_the_work) {
  std::set<std::string_view> keys, labels;
  for (const axis& each : harness::axes()) {
    EXPECT_TRUE(keys.insert(each.key).second) << each.key;
    EXPECT_EQ(labels.insert(each.label).second, each.key != "work_consumer_ns") << each.key;
  }
}

TEST(axes, are_found_by_their_keys) {
  for (const axis& each : harness::axes()) EXPECT_EQ(&harness::axis_named(each.key), &each);
  EXPECT_THROW(harness::axis_named("nothing"), std::logic_error);
}

}  // namespace

}  // namespace handoff::harness_tests
