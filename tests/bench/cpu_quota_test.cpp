#include "bench/cpu_quota.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

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
  std::optional<double> quota() const { return cpu_quota(root_ / ""); }

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

}  // namespace
}  // namespace handoff::bench
