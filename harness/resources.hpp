// Resources that the process used, and time that was stolen from the machine.
#pragma once

#include <optional>

#include "harness/sample.hpp"

namespace handoff::harness {

/// Resources used between two moments. Any thread, one at a time; the figures cover the whole process, steal
/// the whole machine.
class resource_meter {
 public:
  /// Starts the meter.
  resource_meter();
  /// Restarts it, for a window that opens after the meter is made. Takes a microsecond: steal, which is
  /// counted in hundredths of a second and takes tens of microseconds to read, is not read again.
  void begin();
  /// Stops it, at the first call; a later `since()` reads only steal.
  void end();
  /// From the start to the end, or until now.
  [[nodiscard]] resource_usage since() const;

 private:
  resource_usage start_;
  std::optional<resource_usage> end_;
};

}  // namespace handoff::harness
