#include "bench/machine/machine.hpp"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string_view>

#include "bench/machine/cpu_quota.hpp"
#include "bench/text/words.hpp"
#include "harness/placement.hpp"
#include "harness/topology.hpp"

namespace handoff::bench {

namespace {

std::string first_line_of(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The value of the first `key : value` line of a file that has this key.
std::string value_in(const std::string& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || !line.starts_with(key)) continue;
    if (line.find_first_not_of(" \t", key.size()) != colon) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? std::string() : line.substr(value);
  }
  return {};
}

unsigned count_of(const harness::topology& machine, hwloc_obj_type_t type) {
  const int found = hwloc_get_nbobjs_by_type(machine.handle(), type);
  return found > 0 ? static_cast<unsigned>(found) : 0;
}

std::vector<cache_facts> caches_of(const harness::topology& machine) {
  std::vector<cache_facts> caches;
  for (const auto type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE,
                          HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L5CACHE}) {
    const hwloc_obj_t cache = hwloc_get_obj_by_type(machine.handle(), type, 0);
    if (cache == nullptr) continue;
    const auto& facts = cache->attr->cache;
    caches.push_back({.level = facts.depth,
                      .kind = facts.type == HWLOC_OBJ_CACHE_DATA          ? "data"
                              : facts.type == HWLOC_OBJ_CACHE_INSTRUCTION ? "instruction"
                                                                          : "unified",
                      .bytes = facts.size,
                      .count = count_of(machine, type),
                      .shared_by = static_cast<unsigned>(hwloc_bitmap_weight(cache->cpuset))});
  }
  return caches;
}

/// The frequency governors of all cores, `performance` or `performance, powersave`.
std::string governors(unsigned hardware_threads) {
  std::set<std::string> found;
  for (unsigned i = 0; i < hardware_threads; ++i)
    found.insert(first_line_of(fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", i)));
  found.erase("");
  return joined(std::vector<std::string>(found.begin(), found.end()));
}

/// On x86 the processor itself says whether it is a guest; elsewhere this is unknown.
std::optional<bool> is_virtualised() {
  const std::string flags = value_in("/proc/cpuinfo", "flags");
  if (flags.empty()) return std::nullopt;
  return fmt::format(" {} ", flags).find(" hypervisor ") != std::string::npos;
}

std::string hypervisor_name() {
  auto type = first_line_of("/sys/hypervisor/type");
  if (!type.empty()) return type;
  const auto vendor = first_line_of("/sys/class/dmi/id/sys_vendor");
  const auto product = first_line_of("/sys/class/dmi/id/product_name");
  if (vendor.empty() || product.empty()) return vendor + product;
  return vendor + " " + product;
}

std::size_t pages(int name) {
  const long value = ::sysconf(name);
  return value > 0 ? static_cast<std::size_t>(value) : 0;
}

}  // namespace

machine_facts look_at_machine() {
  const harness::topology machine([](hwloc_topology_t handle) {
    hwloc_topology_set_icache_types_filter(handle, HWLOC_TYPE_FILTER_KEEP_ALL);
  });
  utsname system{};
  ::uname(&system);
  machine_facts facts;
  facts.host = system.nodename;
  facts.cpu_model = value_in("/proc/cpuinfo", "model name");
  facts.sockets = count_of(machine, HWLOC_OBJ_PACKAGE);
  facts.numa_nodes = count_of(machine, HWLOC_OBJ_NUMANODE);
  facts.cores = count_of(machine, HWLOC_OBJ_CORE);
  facts.hardware_threads = static_cast<unsigned>(pages(_SC_NPROCESSORS_ONLN));
  facts.usable_threads = harness::usable_cores();
  facts.cpus_allowed = value_in("/proc/self/status", "Cpus_allowed_list");
  facts.cpu_quota = cpu_quota();
  facts.caches = caches_of(machine);
  facts.kernel = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  facts.governor = governors(facts.hardware_threads);
  facts.virtualised = is_virtualised();
  if (facts.virtualised == true) facts.hypervisor = hypervisor_name();
  facts.page_bytes = pages(_SC_PAGESIZE);
  facts.memory_bytes = pages(_SC_PHYS_PAGES) * facts.page_bytes;
  facts.libc = fmt::format("glibc {}", ::gnu_get_libc_version());
  return facts;
}

}  // namespace handoff::bench
