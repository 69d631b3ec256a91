// This machine as hwloc describes it.
#pragma once

#include <hwloc.h>

#include <stdexcept>

namespace handoff::harness {

/// Owns what hwloc has read. Const operations may run in any thread.
class topology {
 public:
  /// `prepare(handle)` sets flags and filters before the machine is read. Throws std::runtime_error if hwloc
  /// cannot read it.
  template <class Prepare>
  explicit topology(Prepare prepare) {
    if (hwloc_topology_init(&handle_) != 0) throw std::runtime_error("hwloc cannot start");
    prepare(handle_);
    if (hwloc_topology_load(handle_) == 0) return;
    hwloc_topology_destroy(handle_);
    throw std::runtime_error("hwloc cannot read this machine's topology");
  }
  topology(const topology&) = delete;
  topology& operator=(const topology&) = delete;
  ~topology() { hwloc_topology_destroy(handle_); }

  [[nodiscard]] hwloc_topology_t handle() const noexcept { return handle_; }

 private:
  hwloc_topology_t handle_{};
};

}  // namespace handoff::harness
