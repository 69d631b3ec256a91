#include "bench/machine/cpu_quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "bench/program.hpp"
#include "harness/placement.hpp"
#include "tests/bench/bench_program.hpp"
#include "tests/bench/csv_reader.hpp"
#include "tests/bench/fake_catalog.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;

/// A machine whose /proc and /sys hold what a test writes there.
class machine {
 public:
  explicit machine(const std::string& groups) { write("proc/self/cgroup", groups); }
  machine& write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    root_.write(name, text);
    return *this;
  }
  std::filesystem::path root() const { return root_ / ""; }
  std::optional<double> quota() const { return cpu_quota(root()); }

 private:
  temporary_folder root_;
};

TEST(cpu_quota, is_nothing_where_there_is_no_limit_or_no_group) {
  EXPECT_EQ(machine("").quota(), std::nullopt);
  EXPECT_EQ(machine("0::/\n").quota(), std::nullopt);
  EXPECT_EQ(machine("0::/\n").write("sys/fs/cgroup/cpu.max", "max 100000\n").quota(), std::nullopt);
  EXPECT_EQ(machine("0::/\n").write("sys/fs/cgroup/cpu.max", "50000 0\n").quota(), std::nullopt);
  EXPECT_EQ(machine("0::/\n").write("sys/fs/cgroup/cpu.max", "nonsense\n").quota(), std::nullopt);
}

TEST(cpu_quota, is_that_of_the_own_group) {
  EXPECT_EQ(machine("0::/\n").write("sys/fs/cgroup/cpu.max", "150000 100000\n").quota(), 1.5);
  EXPECT_EQ(machine("0::/a/b\n").write("sys/fs/cgroup/a/b/cpu.max", "20000 100000\n").quota(), 0.2);
}

TEST(cpu_quota, is_the_smallest_of_all_groups_above) {
  machine nested("0::/a/b\n");
  nested.write("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n")
      .write("sys/fs/cgroup/a/cpu.max", "300000 100000\n");
  EXPECT_EQ(nested.quota(), 3.0);
  nested.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(nested.quota(), 0.5);
}

TEST(cpu_quota, of_a_container_that_sees_its_group_as_the_root_is_found) {
  EXPECT_EQ(machine("0::/docker/abc\n").write("sys/fs/cgroup/cpu.max", "100000 50000\n").quota(), 2.0);
}

TEST(cpu_quota, of_version_1_is_read_too) {
  machine old("5:memory:/x\n4:cpu,cpuacct:/a\n0::/\n");
  old.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
  old.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(old.quota(), std::nullopt);
  old.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
  EXPECT_EQ(old.quota(), 2.5);
}

TEST(threads_at_a_time, are_the_usable_cores_or_what_a_quota_allows) {
  const unsigned usable = harness::usable_cores();
  machine limited("0::/\n");
  EXPECT_EQ(threads_at_a_time(limited.root()), usable);
  limited.write("sys/fs/cgroup/cpu.max", "99900000 100000\n");
  EXPECT_EQ(threads_at_a_time(limited.root()), std::min(usable, 999u));
  limited.write("sys/fs/cgroup/cpu.max", "199000 100000\n");
  EXPECT_EQ(threads_at_a_time(limited.root()), 1u) << "a second thread waits for the rest of the period";
  limited.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(threads_at_a_time(limited.root()), 0u);
}

/// `oversubscribed` of a cell with one producer and one consumer, as the program lists it.
std::string oversubscribed_under(const std::string& cpu_max, const std::string& cell) {
  machine limited("0::/\n");
  limited.write("sys/fs/cgroup/cpu.max", cpu_max);
  const tiny_run tiny;
  command_line line;
  line.chosen = command_line::action::list_cells_csv;
  line.matrix = tiny.matrix;
  ::testing::internal::CaptureStdout();
  const int status = run_program(line, fake_catalog(), limited.root());
  const auto rows = parse_csv(::testing::internal::GetCapturedStdout());
  EXPECT_EQ(status, 0);
  const auto& header = rows.at(0);
  const auto column = std::ranges::find(header, "oversubscribed") - header.begin();
  for (const auto& row : rows)
    if (row.at(0) == cell) return row.at(static_cast<std::size_t>(column));
  return "no such cell";
}

TEST(program, threads_beyond_the_quota_are_oversubscribed_and_tasks_never) {
  constexpr auto threads = "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native";
  EXPECT_EQ(oversubscribed_under("100000 100000\n", threads), "1");
  EXPECT_EQ(oversubscribed_under("max 100000\n", threads), harness::usable_cores() < 2 ? "1" : "0");
  EXPECT_EQ(oversubscribed_under("10000 100000\n", tiny_cell), "0");
}

}  // namespace
}  // namespace handoff::bench
