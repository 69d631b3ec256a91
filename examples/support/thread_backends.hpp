// Every backend that the build knows, from the handoff_add_backend() lines.
#pragma once

#include <span>

#include "examples/support/thread_queue.hpp"

namespace handoff::patterns {

/// In the order of the lines; those that run coroutines, and those that lack a package, included.
std::span<const thread_backend> all_backends();

}  // namespace handoff::patterns
