// How much processor time the control groups of this process allow it.
#pragma once

#include <filesystem>
#include <optional>

namespace handoff::bench {

/// In processors: 1.5 means 150 ms of processor time per 100 ms. Nothing if there is no limit, or none that
/// is visible: inside a container, that of the host above it may be hidden. `root`: where /proc and /sys lie.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// How many threads of this process run at a time: as many as it may use CPUs, or fewer if a quota allows
/// less. None if the quota is below one processor: then even a lone thread is held up.
unsigned threads_at_a_time(const std::filesystem::path& root = "/");

}  // namespace handoff::bench
