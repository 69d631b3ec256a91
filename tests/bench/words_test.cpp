#include "bench/text/words.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::bench {
namespace {

using strings = std::vector<std::string>;

TEST(words, a_letter_missing_doubled_wrong_or_swapped_is_still_found) {
  const strings known{"capacity", "consumers", "producers"};
  for (const auto* typo : {"capacty", "capaccity", "cabacity", "capaicty"})
    EXPECT_EQ(nearest(typo, known), strings{"capacity"}) << typo;
}

TEST(words, what_resembles_nothing_finds_nothing) {
  EXPECT_TRUE(nearest("zebra", strings{"capacity", "consumers"}).empty());
}

TEST(words, the_closest_comes_first_and_equals_keep_their_order) {
  EXPECT_EQ(nearest("park", strings{"bark", "pork", "park"}, 3), (strings{"park", "bark", "pork"}));
}

TEST(words, a_suggestion_names_the_nearest_or_else_all) {
  EXPECT_EQ(suggestion("yeild", strings{"spin", "yield"}), "did you mean 'yield'?");
  EXPECT_EQ(suggestion("nothing", strings{"spin", "yield"}), "expected one of spin, yield");
}

TEST(words, a_list_is_split_at_commas_and_trimmed) {
  EXPECT_EQ(split_list("a, b ,c"), (strings{"a", "b", "c"}));
  EXPECT_EQ(split_list("a,,b"), (strings{"a", "", "b"}));
  EXPECT_EQ(split_list(""), strings{""});
}

TEST(words, every_word_of_the_cells_reads_back_as_its_value) {
  for (const auto scenario : harness::scenario_words.values())
    EXPECT_EQ(harness::scenario_words.value_of(to_string(scenario)), scenario);
  for (const auto wait : wait_kind_words.values()) EXPECT_EQ(wait_kind_words.value_of(to_string(wait)), wait);
  for (const auto order : ordering_words.values())
    EXPECT_EQ(ordering_words.value_of(to_string(order)), order);
  EXPECT_EQ(wait_kind_words.value_of("Park"), std::nullopt);
}

}  // namespace
}  // namespace handoff::bench
