// Proves that threads wait inside a queue before anything is done to them there.
#pragma once

#include <sys/types.h>

#include <vector>

#include "queues/contract/traits.hpp"

namespace handoff::harness {

/// Returns once every one of `threads`, which have announced themselves and find nothing to do, waits inside
/// its operation. A wait that sleeps (native, park) is observed: the kernel must report all of them asleep,
/// twice in a row. One that polls (spin, yield) gets a millisecond; so does one that has not slept after a
/// tenth of a second.
void await_blocked(const std::vector<pid_t>& threads, wait_kind wait);

}  // namespace handoff::harness
