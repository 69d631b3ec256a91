#include "bench/text/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/csv_reader.hpp"

namespace handoff::bench {
namespace {

using strings = std::vector<std::string>;

using testing::parse_csv;

TEST(csv, only_what_needs_quotes_gets_them) {
  EXPECT_EQ(csv_line(strings{"plain", "a,b", "say \"no\"", "two\nlines", ""}),
            "plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\n");
}

// The scripts' tests read the same cases: both write `detail`.
TEST(csv, a_sentence_of_several_lines_becomes_one) {
  std::ifstream file(HANDOFF_ONE_LINE_CASES);
  const auto cases = nlohmann::json::parse(file).get<std::vector<std::pair<std::string, std::string>>>();
  ASSERT_FALSE(cases.empty());
  for (const auto& [text, line] : cases) EXPECT_EQ(one_line(text), line);
}

TEST(csv, a_byte_that_is_not_utf8_is_replaced) { EXPECT_EQ(one_line("cut \xe2\x80"), "cut \ufffd\ufffd"); }

TEST(csv, an_empty_first_field_keeps_its_place) { EXPECT_EQ(csv_line(strings{"", "x"}), ",x\n"); }

TEST(csv, every_line_reads_back_as_it_was_written) {
  const strings first{"a", "b,c", "", "\"", "\r\n"};
  const strings second{"", "", "x", "y z", ",,,"};
  EXPECT_EQ(parse_csv(csv_line(first) + csv_line(second)), (std::vector<strings>{first, second}));
}

TEST(csv, decimals_are_plain_at_every_size) {
  EXPECT_EQ(plain_decimal(0), "0");
  EXPECT_EQ(plain_decimal(0.5), "0.5");
  EXPECT_EQ(plain_decimal(1e21), "1000000000000000000000");
  EXPECT_EQ(plain_decimal(2.5e-7), "0.00000025");
  EXPECT_EQ(plain_decimal(123456789.125), "123456789.125");
  EXPECT_EQ(plain_decimal(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(plain_decimal(std::nan("")), "");
}

TEST(csv, decimals_read_back_as_the_same_number_up_to_the_ends_of_the_range) {
  using limits = std::numeric_limits<double>;
  for (const double value : {limits::max(), limits::min(), limits::denorm_min(), -limits::max()})
    EXPECT_EQ(std::strtod(plain_decimal(value).c_str(), nullptr), value);
  std::mt19937_64 random(20240229);
  for (int i = 0; i < 1000; ++i) {
    const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 150);
    const auto text = plain_decimal(value);
    EXPECT_EQ(text.find_first_not_of("0123456789."), std::string::npos) << text;
    EXPECT_EQ(std::stod(text), value);
  }
}

}  // namespace
}  // namespace handoff::bench
