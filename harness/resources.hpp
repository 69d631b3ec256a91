// What the process spent, and what the machine had taken away from it.
#pragma once

#include "harness/sample.hpp"

namespace handoff::harness {

/// Reads getrusage and /proc/stat at construction; `since()` gives the difference up to now. Any thread; the
/// figures are of the whole process, steal of the whole machine.
class resource_meter {
 public:
  resource_meter();
  [[nodiscard]] resource_usage since() const;

 private:
  resource_usage start_;
};

}  // namespace handoff::harness
