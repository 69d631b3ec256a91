#include "bench/google_benchmark/benchmark_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "bench/frame/errors.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

constexpr int most_repetitions = 1'000'000;
constexpr double longest_s = 86'400;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Newer libraries accept `0.5s` and `10x` as well; those are theirs to judge.
void check_seconds(const std::vector<std::string>& flags, std::string_view name) {
  const auto text = benchmark_flag(flags, name);
  if (text.empty() || text.ends_with('s') || text.ends_with('x')) return;
  const auto value = number_in<double>(text);
  if (!value || !(*value >= 0 && *value <= longest_s))
    throw usage_error(
        fmt::format("--benchmark_{}={}: write a number of seconds from 0 to {}", name, text, longest_s));
}

std::optional<std::string> given_flag(const std::vector<std::string>& flags, std::string_view name) {
  const auto prefix = fmt::format("--benchmark_{}=", name);
  for (auto flag = flags.rbegin(); flag != flags.rend(); ++flag)
    if (flag->starts_with(prefix)) return flag->substr(prefix.size());
  std::string variable = fmt::format("BENCHMARK_{}", name);
  std::ranges::transform(variable, variable.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  const char* value = std::getenv(variable.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

/// For a word that it does not know, the library prints its usage and ends the program, with status 0.
void check_word(const std::vector<std::string>& flags, std::string_view name,
                const std::vector<std::string>& words) {
  const auto word = given_flag(flags, name);
  if (word && std::ranges::count(words, *word) == 0)
    throw usage_error(fmt::format("--benchmark_{}={}: {}", name, *word, suggestion(*word, words)));
}

}  // namespace

std::string benchmark_flag(const std::vector<std::string>& flags, std::string_view name) {
  return given_flag(flags, name).value_or("");
}

void check_benchmark_flags(const std::vector<std::string>& flags) {
  if (const auto text = benchmark_flag(flags, "repetitions"); !text.empty()) {
    const auto value = number_in<int>(text);
    if (!value || *value < 1 || *value > most_repetitions)
      throw usage_error(fmt::format("--benchmark_repetitions={}: write a whole number from 1 to {}", text,
                                    most_repetitions));
  }
  check_word(flags, "format", {"console", "json", "csv"});
  check_word(flags, "out_format", {"console", "json", "csv"});
  check_word(flags, "time_unit", {"ns", "us", "ms", "s", ""});
  check_seconds(flags, "min_time");
  check_seconds(flags, "min_warmup_time");
}

double benchmark_warm_up(const std::vector<std::string>& flags) {
  return number_in<double>(benchmark_flag(flags, "min_warmup_time")).value_or(0);
}

}  // namespace handoff::bench
