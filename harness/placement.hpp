// Which core a worker runs on, using hwloc.
#pragma once

#include <sched.h>

#include <memory>

#include "harness/cell.hpp"

namespace handoff::harness {

/// Cores that this process may run on.
unsigned usable_cores();

/// A placement of workers. Worker i gets the i-th place, modulo the number of cores.
class placement {
 public:
  /// Throws std::runtime_error when hwloc cannot read the machine.
  explicit placement(pinning how);
  ~placement();
  placement(const placement&) = delete;
  placement& operator=(const placement&) = delete;

  /// Binds the calling thread; does nothing for `none`. Throws std::runtime_error when the system refuses.
  void bind_current_thread(unsigned worker) const;

 private:
  struct tree;
  std::unique_ptr<tree> tree_;  // null for `none`: reading the topology costs milliseconds
};

/// Binds the calling thread as a worker for the lifetime of this object; afterwards it is bound as before.
/// For the coordinator, if its work is measured. Throws what `bind_current_thread` throws.
class temporary_place {
 public:
  temporary_place(const placement& where, unsigned worker);
  ~temporary_place();
  temporary_place(const temporary_place&) = delete;
  temporary_place& operator=(const temporary_place&) = delete;

 private:
  cpu_set_t before_;
};

}  // namespace handoff::harness
