#include "harness/placement.hpp"

#include <hwloc.h>
#include <sched.h>

#include <cstring>
#include <stdexcept>
#include <vector>

namespace handoff::harness {

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

struct placement::topology {
  topology() {
    if (hwloc_topology_init(&handle) != 0) throw std::runtime_error("hwloc cannot start");
    if (hwloc_topology_load(handle) != 0) {
      hwloc_topology_destroy(handle);
      throw std::runtime_error("hwloc cannot read this machine's topology");
    }
  }
  ~topology() { hwloc_topology_destroy(handle); }
  topology(const topology&) = delete;
  topology& operator=(const topology&) = delete;

  /// One processing unit a place. compact: in the order of the machine, so that neighbours share caches;
  /// spread: as hwloc distributes them over packages, caches and cores.
  void place(pinning how) {
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(handle);
    const auto count = static_cast<unsigned>(hwloc_bitmap_weight(allowed));
    if (how == pinning::compact) {
      const int depth = hwloc_get_type_depth(handle, HWLOC_OBJ_PU);
      for (unsigned i = 0; i < hwloc_get_nbobjs_by_depth(handle, depth); ++i) {
        hwloc_obj_t unit = hwloc_get_obj_by_depth(handle, depth, i);
        if (hwloc_bitmap_isincluded(unit->cpuset, allowed)) places.push_back(unit->cpuset);
      }
      return;
    }
    std::vector<hwloc_bitmap_t> sets(count);
    hwloc_obj_t root = hwloc_get_root_obj(handle);
    hwloc_distrib(handle, &root, 1, sets.data(), count, INT_MAX, 0);
    for (hwloc_bitmap_t set : sets) {
      hwloc_bitmap_singlify(set);
      places.push_back(set);
      owned.push_back(set);
    }
  }

  hwloc_topology_t handle{};
  std::vector<hwloc_const_cpuset_t> places;
  struct bitmap_owner {
    std::vector<hwloc_bitmap_t> bitmaps;
    ~bitmap_owner() {
      for (hwloc_bitmap_t bitmap : bitmaps) hwloc_bitmap_free(bitmap);
    }
    void push_back(hwloc_bitmap_t bitmap) { bitmaps.push_back(bitmap); }
  } owned;
};

placement::placement(pinning how) {
  if (how == pinning::none) return;
  topology_ = std::make_unique<topology>();
  topology_->place(how);
  if (topology_->places.empty()) throw std::runtime_error("hwloc names no core that this process may run on");
}

placement::~placement() = default;

void placement::bind_current_thread(unsigned worker) const {
  if (!topology_) return;
  hwloc_const_cpuset_t place = topology_->places[worker % topology_->places.size()];
  if (hwloc_set_cpubind(topology_->handle, place, HWLOC_CPUBIND_THREAD) != 0)
    throw std::runtime_error(std::string("cannot pin a thread: ") + std::strerror(errno));
}

}  // namespace handoff::harness
