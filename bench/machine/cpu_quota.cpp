#include "bench/machine/cpu_quota.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "harness/placement.hpp"

namespace handoff::bench {

namespace {

namespace fs = std::filesystem;

/// The number at the start of a control group's file; nothing for `max`, -1 or no file.
std::optional<double> positive(const std::string& word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value <= 0) return std::nullopt;
  return value;
}

std::string word_of(const fs::path& file) {
  std::ifstream in(file);
  std::string word;
  in >> word;
  return word;
}

/// Version 2: `cpu.max` holds quota and period.
std::optional<double> unified_quota(const fs::path& group) {
  std::ifstream in(group / "cpu.max");
  std::string quota, period;
  in >> quota >> period;
  const auto allowed = positive(quota), every = positive(period);
  if (!allowed || !every) return std::nullopt;
  return *allowed / *every;
}

/// Version 1 has one file for each.
std::optional<double> legacy_quota(const fs::path& group) {
  const auto allowed = positive(word_of(group / "cpu.cfs_quota_us"));
  const auto every = positive(word_of(group / "cpu.cfs_period_us"));
  if (!allowed || !every) return std::nullopt;
  return *allowed / *every;
}

/// The smallest quota of the group and of all above it. A group that is not visible (a container shows its
/// own as the root) is skipped.
template <class Quota>
std::optional<double> smallest(const fs::path& mount, const std::string& group, Quota quota) {
  std::optional<double> least;
  fs::path here = mount / fs::path(group).relative_path();
  while (true) {
    if (const auto found = quota(here)) least = std::min(least.value_or(*found), *found);
    if (here == mount || !here.has_relative_path()) return least;
    here = here.parent_path();
  }
}

bool names_cpu(const std::string& controllers) {
  std::istringstream words(controllers);
  for (std::string word; std::getline(words, word, ',');)
    if (word == "cpu") return true;
  return false;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::optional<double> least;
  const auto consider = [&least](std::optional<double> found) {
    if (found) least = std::min(least.value_or(*found), *found);
  };
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {  // `0::/group`, or `4:cpu,cpuacct:/group` of version 1
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      group = line.substr(second + 1);
    if (controllers.empty()) {
      consider(smallest(mounts, group, unified_quota));
      consider(smallest(mounts / "unified", group, unified_quota));
    } else if (names_cpu(controllers)) {
      consider(smallest(mounts / controllers, group, legacy_quota));
      consider(smallest(mounts / "cpu", group, legacy_quota));
    }
  }
  return least;
}

unsigned threads_at_a_time(const fs::path& root) {
  const unsigned usable = harness::usable_cores();
  return static_cast<unsigned>(std::min<double>(usable, cpu_quota(root).value_or(usable)));
}

}  // namespace handoff::bench
