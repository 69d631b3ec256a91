#include "bench/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "bench/contenders/peer.hpp"
#include "bench/machine/build_info.hpp"
#include "bench/machine/library_versions.hpp"
#include "bench/machine/machine.hpp"
#include "bench/rows/columns.hpp"
#include "bench/text/json_text.hpp"
#include "harness/clock.hpp"

namespace handoff::bench {

namespace {

json known(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
template <class Number>
json known(Number number) {
  return number == 0 ? json(nullptr) : json(number);
}

json libraries() {
  json versions = json::object();
  for (const auto& library : library_versions()) versions[std::string(library.name)] = library.version;
  return versions;
}

/// What the user's environment tells the dynamic linker, the C library, oneTBB and hwloc.
json variables() {
  json found = json::object();
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = std::min(text.find('='), text.size());
    constexpr std::array<std::string_view, 5> beginnings{"LD_", "GLIBC_", "MALLOC_", "TBB_", "HWLOC_"};
    if (std::ranges::any_of(beginnings, [text](std::string_view begin) { return text.starts_with(begin); }))
      found[std::string(text.substr(0, equals))] = text.substr(std::min(equals + 1, text.size()));
  }
  return found;
}

/// What the peers run on: the programs that the PATH leads to.
json peers(const backend_catalog& catalog) {
  json found = json::object();
  for (const auto& each : catalog)
    if (each.peer) found[each.name] = known(describe_peer(*each.peer));
  return found;
}

json caches(const machine_facts& machine) {
  json all = json::array();
  for (const auto& cache : machine.caches)
    all.push_back({{"level", cache.level},
                   {"kind", cache.kind},
                   {"bytes", known(cache.bytes)},
                   {"count", cache.count},
                   {"shared_by", cache.shared_by}});
  return all;
}

/// The commit that this program was built from, which every build writes into a file beside it.
json git_state() {
  std::error_code unknown;
  auto file = std::filesystem::read_symlink("/proc/self/exe", unknown);
  std::ifstream in(file += ".git.json");
  json state = json::parse(in, nullptr, false);
  return state.is_object() ? state : json::object();
}

}  // namespace

std::string environment_json(const backend_catalog& catalog) {
  const machine_facts machine = look_at_machine();
  const json git = git_state();
  json all{{"program", "handoff-bench"},
           {"version", project_version},
           {"schema", schema_version},
           {"git_commit", git.value("commit", json())},
           {"git_dirty", git.value("dirty", json())},
           {"compiler", compiler},
           {"flags", compiler_flags},
           {"build_type", build_type},
           {"march_native", march_native},
           {"sanitizers", sanitizers},
           {"libraries", libraries()},
           {"libc", machine.libc},
           {"variables", variables()},
           {"peers", peers(catalog)},
           {"host", machine.host},
           {"cpu_model", known(machine.cpu_model)},
           {"sockets", known(machine.sockets)},
           {"numa_nodes", known(machine.numa_nodes)},
           {"cores", known(machine.cores)},
           {"hardware_threads", known(machine.hardware_threads)},
           {"usable_threads", known(machine.usable_threads)},
           {"cpus_allowed", known(machine.cpus_allowed)},
           {"cpu_quota", machine.cpu_quota ? json(*machine.cpu_quota) : json(nullptr)},
           {"caches", caches(machine)},
           {"memory_bytes", known(machine.memory_bytes)},
           {"page_bytes", known(machine.page_bytes)},
           {"kernel", machine.kernel},
           {"governor", known(machine.governor)},
           {"virtualised", machine.virtualised ? json(*machine.virtualised) : json(nullptr)},
           {"hypervisor", known(machine.hypervisor)},
           {"clock_ns", harness::clock_cost_ns()}};
  return json_text(all);
}

}  // namespace handoff::bench
