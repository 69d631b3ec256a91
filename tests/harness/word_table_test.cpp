// Tables of words: each names every enumerator of its enum once, so that none is printed as "invalid".
#include "queues/contract/word_table.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

#include "harness/cell.hpp"
#include "harness/sample.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness_tests {

namespace {

enum class colour : unsigned char { red, blue };
constexpr word_table<colour, 2> colour_words({{colour::blue, "blue"}, {colour::red, "red"}});

TEST(word_table, leads_from_value_to_word_and_back) {
  EXPECT_EQ(colour_words.word_of(colour::red), "red");
  EXPECT_EQ(colour_words.value_of("blue"), colour::blue);
  EXPECT_EQ(colour_words.value_of("Blue"), std::nullopt);
  EXPECT_EQ(colour_words.value_of(""), std::nullopt);
}

TEST(word_table, keeps_the_order_of_its_rows) {
  EXPECT_EQ(colour_words.values().front(), colour::blue);
  EXPECT_EQ(colour_words.words().front(), "blue");
}

TEST(word_table, has_a_word_for_what_is_no_value) {
  EXPECT_EQ(colour_words.word_of(static_cast<colour>(2)), "invalid");
}

/// The compilers write an enumerator by its name, and any other value of the enum as a cast.
template <auto Value>
constexpr bool is_enumerator() {
  const std::string_view name = __PRETTY_FUNCTION__;
  const std::size_t value = name.find("Value = ") + std::string_view("Value = ").size();
  return name[value] != '(';
}
static_assert(is_enumerator<colour::blue>() && !is_enumerator<static_cast<colour>(2)>());

/// Whether the values are 0, 1, … in some order, and the next is no enumerator.
template <const auto& Table>
constexpr bool names_all() {
  constexpr std::size_t rows = Table.values().size();
  using value = std::remove_cvref_t<decltype(Table.values().front())>;
  for (std::size_t i = 0; i < rows; ++i)
    if (Table.word_of(static_cast<value>(i)) == "invalid") return false;
  return !is_enumerator<static_cast<value>(rows)>();
}

TEST(word_table, of_an_enum_names_every_enumerator) {
  EXPECT_TRUE(names_all<colour_words>());
  EXPECT_TRUE(names_all<op_status_words>());
  EXPECT_TRUE(names_all<cardinality_words>());
  EXPECT_TRUE(names_all<ordering_words>());
  EXPECT_TRUE(names_all<progress_words>());
  EXPECT_TRUE(names_all<execution_words>());
  EXPECT_TRUE(names_all<wait_kind_words>());
  EXPECT_TRUE(names_all<harness::scenario_words>());
  EXPECT_TRUE(names_all<harness::stop_protocol_words>());
  EXPECT_TRUE(names_all<harness::pinning_words>());
  EXPECT_TRUE(names_all<harness::item_kind_words>());
  EXPECT_TRUE(names_all<harness::sample_status_words>());
}

}  // namespace

}  // namespace handoff::harness_tests
