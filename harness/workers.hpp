// Shared by the worker loops of threads and those of coroutines.
#pragma once

#include <fmt/format.h>

#include "harness/abandon.hpp"
#include "queues/contract/status.hpp"

namespace handoff::harness {

/// A status that a queue in this state must not return ends the cell: the others would wait for this worker
/// forever.
inline void expect_success(op_status status, const char* operation) {
  if (status != op_status::success) [[unlikely]]
    abandon(sample_status::corrupt,
            fmt::format("{} answered {} in an open queue", operation, to_string(status)));
}

}  // namespace handoff::harness
