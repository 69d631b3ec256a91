#include "bench/text/words.hpp"

#include <gtest/gtest.h>

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
  EXPECT_EQ(suggestion("nothing", strings{"spin", "yield"}), "known are spin, yield");
}

TEST(words, a_list_is_split_at_commas_and_trimmed) {
  EXPECT_EQ(split_list("a, b ,c"), (strings{"a", "b", "c"}));
  EXPECT_EQ(split_list("a,,b"), (strings{"a", "", "b"}));
  EXPECT_EQ(split_list(""), strings{""});
}

TEST(words, every_word_of_the_cells_reads_back_as_its_value) {
  for (const auto scenario : harness::all_scenarios)
    EXPECT_EQ(from_word(to_string(scenario), harness::all_scenarios), scenario);
  for (const auto wait : all_waits) EXPECT_EQ(from_word(to_string(wait), all_waits), wait);
  for (const auto order : all_orderings) EXPECT_EQ(from_word(to_string(order), all_orderings), order);
  EXPECT_EQ(from_word("Park", all_waits), std::nullopt);
}

}  // namespace
}  // namespace handoff::bench
