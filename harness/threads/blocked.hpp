// The proof that threads wait inside a queue before something is done to them there.
#pragma once

#include <sys/types.h>

#include <vector>

#include "queues/contract/traits.hpp"

namespace handoff::harness {

/// Returns when every one of `threads`, which have announced themselves and find nothing to do, waits inside
/// its operation. A wait that sleeps (native, park) is observed: all sleep in the kernel's view, twice in a
/// row. One that polls (spin, yield) gets a millisecond; so does a native one that has not slept after a
/// tenth of a second.
void await_blocked(const std::vector<pid_t>& threads, wait_kind wait);

}  // namespace handoff::harness
