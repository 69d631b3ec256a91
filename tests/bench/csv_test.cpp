#include "bench/text/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "tests/bench/csv_reader.hpp"

namespace handoff::bench {
namespace {

using strings = std::vector<std::string>;

using testing::parse_csv;

TEST(csv, only_what_needs_quotes_gets_them) {
  EXPECT_EQ(csv_line(strings{"plain", "a,b", "say \"no\"", "two\nlines", ""}),
            "plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\n");
}

TEST(csv, a_sentence_of_several_lines_becomes_one) {
  EXPECT_EQ(one_line("what():\r\n\tno memory\n"), "what(): no memory");
  EXPECT_EQ(one_line("a\fb\vc\x1b[31md\x7f"), "a b c [31md");
  EXPECT_EQ(one_line("a\u2028b\u2029c\u0085d\u009fe"), "a b c d e");
  EXPECT_EQ(one_line(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(one_line("2\u20133 \u00b5s \u00e9"), "2\u20133 \u00b5s \u00e9");
  EXPECT_EQ(one_line("cut \xe2\x80"), "cut \ufffd\ufffd");
  EXPECT_EQ(one_line(" \n"), "");
}

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
