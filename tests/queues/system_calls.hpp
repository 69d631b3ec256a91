// The system calls that this program makes by number, seen and answered by a test.
#pragma once

#include <functional>
#include <optional>

namespace handoff::queue_tests {

/// Asked before each `syscall(number, …)` of the calling thread: an errno that refuses the call, 0 for
/// success without a call, nothing to have it made. Null: nobody asks. `arguments`: six of them.
inline thread_local std::function<std::optional<int>(long number, const long* arguments)> on_system_call;

}  // namespace handoff::queue_tests
