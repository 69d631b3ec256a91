#include "harness/workers.hpp"

#include <fmt/format.h>

#include "harness/abandon.hpp"

namespace handoff::harness {

void answered_wrongly(op_status status, const char* operation) {
  abandon(sample_status::corrupt,
          fmt::format("{} answered {} in an open queue", operation, to_string(status)));
}

}  // namespace handoff::harness
