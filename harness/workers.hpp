// Shared by the worker loops of threads and those of coroutines.
#pragma once

#include "queues/contract/status.hpp"

namespace handoff::harness {

/// Ends the cell: an operation in an open queue answered something else than success.
[[noreturn, gnu::cold]] void answered_wrongly(op_status status, const char* operation);

/// A status that a queue in this state must not return ends the cell: the others would wait for this worker
/// forever.
inline void expect_success(op_status status, const char* operation) {
  if (status != op_status::success) [[unlikely]]
    answered_wrongly(status, operation);
}

}  // namespace handoff::harness
