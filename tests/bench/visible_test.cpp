#include "bench/frame/visible.hpp"

#include <gtest/gtest.h>

#include "bench/frame/frame.hpp"

namespace handoff::bench {
namespace {

TEST(visible, text_is_shown_as_it_is) {
  EXPECT_EQ(visible("plain, 2\u20133 \u00b5s \u00e9 \U0001f600"),
            "plain, 2\u20133 \u00b5s \u00e9 \U0001f600");
  EXPECT_EQ(visible(""), "");
}

TEST(visible, what_a_terminal_obeys_is_spelt_out) {
  EXPECT_EQ(visible("\x1b[31mred\x7f\n"), "\\x1b[31mred\\x7f\\x0a");
  EXPECT_EQ(visible("\u009b31m\u2028"), "\\xc2\\x9b31m\\xe2\\x80\\xa8");
}

TEST(visible, bytes_that_are_no_utf_8_are_spelt_out) {
  EXPECT_EQ(visible("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(visible("\xc0\xaf"), "\\xc0\\xaf") << "a form longer than needed";
  EXPECT_EQ(visible("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(visible("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above the last character";
  EXPECT_EQ(visible("\xe2\x82"), "\\xe2\\x82") << "cut off";
}

TEST(visible, a_sentence_for_the_user_is_one_line_without_commands) {
  ::testing::internal::CaptureStderr();
  tell("pro\x1bgram", "no \x1b]0;title\x07, no\nsecond line");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "pro\\x1bgram: no \\x1b]0;title\\x07, no\\x0asecond line\n");
}

TEST(visible, a_quotation_is_cut_between_two_characters) {
  const std::string full(60, 'a'), half(59, 'a');
  EXPECT_EQ(quotation(full), full);
  EXPECT_EQ(quotation(full + "b"), full + "\u2026");
  EXPECT_EQ(quotation(half + "\u00e9b"), half + "\u00e9\u2026");
  EXPECT_EQ(quotation(half + "\xff" + "bc"), half + "\\xff\u2026");
  EXPECT_EQ(quotation("a\nb"), "a\\x0ab");
}

}  // namespace
}  // namespace handoff::bench
