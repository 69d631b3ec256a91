// Where workers run, seen from the kernel. Each case runs in a child: an affinity stays with its thread.
#include "harness/placement.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/child.hpp"

namespace handoff::harness_tests {

namespace {

using harness::pinning;
using harness::placement;
using harness::temporary_place;

/// The cores that the calling thread may run on.
std::set<int> own_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {};
  std::set<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.insert(core);
  return cores;
}

/// Restricts every thread of this process, as `taskset` would: a sanitizer has one of its own.
void restrict_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    ASSERT_EQ(::sched_setaffinity(std::stoi(thread.path().filename()), sizeof set, &set), 0);
}

/// Runs `holds` in a child; it returns what it found wrong, or nothing.
template <class Holds>
void expect_in_child(Holds holds) {
  const ending e = run_in_child([&](const reporter& report) {
    harness::sample s;
    s.detail = holds();
    report.took(s);
  });
  EXPECT_EQ(e.exit_status, 0) << e;
  EXPECT_EQ(e.detail(), "");
}

TEST(usable_cores, are_those_of_the_affinity_mask) {
  EXPECT_EQ(harness::usable_cores(), own_cores().size());
  expect_in_child([]() -> std::string {
    restrict_to(*own_cores().rbegin());
    return harness::usable_cores() == 1 ? "" : "one core is left, but more are said to be usable";
  });
}

TEST(placement, none_leaves_a_thread_where_it_is) {
  const std::set<int> before = own_cores();
  const placement nowhere(pinning::none);
  for (unsigned worker = 0; worker < 3; ++worker) nowhere.bind_current_thread(worker);
  EXPECT_EQ(own_cores(), before);
}

/// As many workers as there are cores get one core each; then the places repeat.
std::string one_core_each(pinning how) {
  const std::set<int> usable = own_cores();
  const placement where(how);
  std::vector<int> places;
  for (unsigned worker = 0; worker < 2 * usable.size(); ++worker) {
    where.bind_current_thread(worker);
    const std::set<int> bound = own_cores();
    if (bound.size() != 1) return "a worker is bound to " + std::to_string(bound.size()) + " cores";
    places.push_back(*bound.begin());
  }
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>(usable.size());
  if (std::set<int>(places.begin(), middle) != usable) return "not every core got a worker";
  if (!std::equal(places.begin(), middle, middle)) return "the second turn went elsewhere than the first";
  return "";
}

TEST(placement, compact_gives_every_worker_a_core) {
  expect_in_child([] { return one_core_each(pinning::compact); });
}

TEST(placement, spread_gives_every_worker_a_core) {
  expect_in_child([] { return one_core_each(pinning::spread); });
}

TEST(temporary_place, is_left_again) {
  const std::set<int> before = own_cores();
  {
    const temporary_place here(placement(pinning::compact), 0);
    EXPECT_EQ(own_cores().size(), 1U);
  }
  EXPECT_EQ(own_cores(), before);
}

TEST(placement, keeps_to_the_cores_that_the_process_was_given) {
  for (const pinning how : {pinning::compact, pinning::spread})
    for (const int core : own_cores())
      expect_in_child([&]() -> std::string {
        restrict_to(core);
        const placement where(how);
        where.bind_current_thread(0);
        where.bind_current_thread(1);
        return own_cores() == std::set{core} ? "" : "a worker left core " + std::to_string(core);
      });
}

}  // namespace

}  // namespace handoff::harness_tests
