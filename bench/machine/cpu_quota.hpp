// How much processor time the control groups of this process allow it.
#pragma once

#include <filesystem>
#include <optional>

namespace handoff::bench {

/// In processors: 1.5 means 150 ms of processor time every 100 ms. Nothing where there is no limit, or none
/// that can be seen: inside a container that of the host above it may be hidden. `root`: where /proc and /sys
/// lie.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// How many threads of this process run at a time: as many as it may use CPUs, or fewer where a quota allows
/// less. None where the quota is below one processor: even a thread alone is held up then.
unsigned threads_at_a_time(const std::filesystem::path& root = "/");

}  // namespace handoff::bench
