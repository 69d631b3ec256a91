// What the program itself must know of Google Benchmark's flags, which the library does not expose.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace handoff::bench {

/// The last value given to `--benchmark_NAME=…`, or else that of the environment's BENCHMARK_NAME, which the
/// library reads as well; empty if there is neither. `name` as in `repetitions`.
std::string benchmark_flag(const std::vector<std::string>& flags, std::string_view name);

/// Throws usage_error for a number that the library accepts and then fails on, or never finishes with.
void check_benchmark_flags(const std::vector<std::string>& flags);

/// The library's own warm-up, in seconds; 0: none.
double benchmark_warm_up(const std::vector<std::string>& flags);

}  // namespace handoff::bench
