#include "harness/placement.hpp"

#include <hwloc.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/topology.hpp"

namespace handoff::harness {

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

struct placement::tree {
  explicit tree(pinning how) : places(how == pinning::spread ? spread_below(root()) : compact()) {}

  // Only the cores that this process is bound to: a run under taskset pins inside its mask.
  const topology machine{[](hwloc_topology_t handle) {
    hwloc_topology_set_flags(handle,
                             HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM | HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
  }};
  const std::vector<hwloc_const_cpuset_t> places;

 private:
  using places_list = std::vector<hwloc_const_cpuset_t>;

  hwloc_obj_t root() const noexcept { return hwloc_get_root_obj(machine.handle()); }

  /// Interleaves the lists: the first of each, the second of each, …
  static places_list in_turns(const std::vector<places_list>& lists) {
    places_list merged;
    for (std::size_t turn = 0, added = 1; added > 0; ++turn) {
      added = 0;
      for (const places_list& list : lists) {
        if (turn >= list.size()) continue;
        merged.push_back(list[turn]);
        ++added;
      }
    }
    return merged;
  }

  /// Places worker i + 1 as far from worker i as the tree allows: on another package, or else another cache,
  /// or else another core.
  static places_list spread_below(hwloc_obj_t object) {
    if (object->arity == 0) return object->type == HWLOC_OBJ_PU ? places_list{object->cpuset} : places_list{};
    std::vector<places_list> below;
    for (unsigned i = 0; i < object->arity; ++i) below.push_back(spread_below(object->children[i]));
    return in_turns(below);
  }

  /// Neighbouring cores in the machine's order, one hardware thread each; second hardware threads once every
  /// core is taken.
  places_list compact() const {
    const int depth = hwloc_get_type_or_below_depth(machine.handle(), HWLOC_OBJ_CORE);
    places_list merged;
    std::vector<places_list> by_thread;
    for (unsigned i = 0; i < hwloc_get_nbobjs_by_depth(machine.handle(), depth); ++i) {
      const places_list threads = spread_below(hwloc_get_obj_by_depth(machine.handle(), depth, i));
      if (by_thread.size() < threads.size()) by_thread.resize(threads.size());
      for (std::size_t t = 0; t < threads.size(); ++t) by_thread[t].push_back(threads[t]);
    }
    for (const places_list& threads : by_thread) merged.insert(merged.end(), threads.begin(), threads.end());
    return merged;
  }
};

placement::placement(pinning how) {
  if (how == pinning::none) return;
  tree_ = std::make_unique<tree>(how);
  if (tree_->places.empty()) throw std::runtime_error("hwloc names no core that this process may run on");
}

placement::~placement() = default;

void placement::bind_current_thread(unsigned worker) const {
  if (!tree_) return;
  hwloc_const_cpuset_t place = tree_->places[worker % tree_->places.size()];
  if (hwloc_set_cpubind(tree_->machine.handle(), place, HWLOC_CPUBIND_THREAD) != 0)
    throw std::runtime_error(std::string("cannot pin a thread: ") + std::strerror(errno));
}

temporary_place::temporary_place(const placement& where, unsigned worker) {
  CPU_ZERO(&before_);
  if (::sched_getaffinity(0, sizeof before_, &before_) != 0)
    throw std::runtime_error(std::string("cannot read a thread's place: ") + std::strerror(errno));
  where.bind_current_thread(worker);
}

temporary_place::~temporary_place() { ::sched_setaffinity(0, sizeof before_, &before_); }

}  // namespace handoff::harness
