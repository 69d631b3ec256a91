// Facts about the machine.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace handoff::bench {

struct cache_facts {
  unsigned level = 0;
  std::string kind;  ///< data, instruction or unified
  std::size_t bytes = 0;
  unsigned count = 0;      ///< in the machine
  unsigned shared_by = 0;  ///< hardware threads that share one
};

/// Unknown values are empty, or 0.
struct machine_facts {
  std::string host;
  std::string cpu_model;
  unsigned sockets = 0;
  unsigned numa_nodes = 0;
  unsigned cores = 0;               ///< physical
  unsigned hardware_threads = 0;    ///< online
  unsigned usable_threads = 0;      ///< those that this process may run on
  std::string cpus_allowed;         ///< their numbers, such as 0-3,8
  std::optional<double> cpu_quota;  ///< how many of them a control group allows at a time
  std::vector<cache_facts> caches;
  std::string kernel;
  std::string governor;
  std::optional<bool> virtualised;
  std::string hypervisor;
  std::size_t memory_bytes = 0;
  std::size_t page_bytes = 0;
  std::string libc;
};

machine_facts look_at_machine();

}  // namespace handoff::bench
