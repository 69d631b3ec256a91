// What the program itself must know of Google Benchmark's flags, which the library keeps to itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace handoff::bench {

/// The value of `--benchmark_NAME=…`, the last one given, or of the environment's BENCHMARK_NAME, which the
/// library takes as well; empty: neither is there. `name` as in `repetitions`.
std::string benchmark_flag(const std::vector<std::string>& flags, std::string_view name);

/// Throws usage_error for a number that the library takes and then fails or never ends on.
void check_benchmark_flags(const std::vector<std::string>& flags);

/// The library's own warm-up, in seconds; 0: none.
double benchmark_warm_up(const std::vector<std::string>& flags);

}  // namespace handoff::bench
