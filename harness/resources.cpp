#include "harness/resources.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace handoff::harness {

namespace {

/// Steal time is the eighth figure of the first line of /proc/stat, in clock ticks, summed over the cores.
std::optional<double> steal_seconds() {
  std::ifstream stat("/proc/stat");
  std::string label;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (!(stat >> label >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal) ||
      label != "cpu")
    return std::nullopt;
  return steal / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

resource_usage read_process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  resource_usage now;
  now.cpu_user_s = seconds(usage.ru_utime);
  now.cpu_system_s = seconds(usage.ru_stime);
  now.switches_voluntary = static_cast<std::uint64_t>(usage.ru_nvcsw);
  now.switches_involuntary = static_cast<std::uint64_t>(usage.ru_nivcsw);
  now.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return now;
}

}  // namespace

// Reading /proc/stat takes tens of microseconds, so at both ends it lies outside what getrusage sees.
resource_meter::resource_meter() {
  const auto steal_s = steal_seconds();
  start_ = read_process();
  start_.steal_s = steal_s;
}

void resource_meter::begin() {
  const auto steal_s = start_.steal_s;
  start_ = read_process();
  start_.steal_s = steal_s;
}

void resource_meter::end() {
  if (!end_) end_ = read_process();
}

resource_usage resource_meter::since() const {
  resource_usage spent = end_ ? *end_ : read_process();  // the peak is not a difference
  spent.steal_s = steal_seconds();
  spent.cpu_user_s -= start_.cpu_user_s;
  spent.cpu_system_s -= start_.cpu_system_s;
  spent.switches_voluntary -= start_.switches_voluntary;
  spent.switches_involuntary -= start_.switches_involuntary;
  if (spent.steal_s && start_.steal_s)
    *spent.steal_s -= *start_.steal_s;
  else
    spent.steal_s.reset();
  return spent;
}

}  // namespace handoff::harness
