// What the process spent, and what the machine had taken away from it.
#pragma once

#include <optional>

#include "harness/sample.hpp"

namespace handoff::harness {

/// What is spent between two moments. Any thread, one at a time; the figures are of the whole process, steal
/// of the whole machine.
class resource_meter {
 public:
  /// Begins here.
  resource_meter();
  /// Begins anew, where a window opens later than the meter could be made. Costs a microsecond: steal, which
  /// is counted in hundredths of a second and costs tens, is not read again.
  void begin();
  /// Ends here, at the first call; a later `since()` reads no more but steal.
  void end();
  /// From the beginning to the end, or up to now.
  [[nodiscard]] resource_usage since() const;

 private:
  resource_usage start_;
  std::optional<resource_usage> end_;
};

}  // namespace handoff::harness
