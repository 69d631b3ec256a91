// A thread that lets the one that wakes it go on first.
#pragma once

#include <pthread.h>
#include <sched.h>

namespace handoff::testing_support {

/// The calling thread never takes a core from another one because it has been woken: on a single core, what
/// its waker does next comes before what it does itself. Needs no privilege.
inline void let_the_waker_go_on() noexcept {
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);
}

}  // namespace handoff::testing_support
