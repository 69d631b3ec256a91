// A C library whose condition variables lose wake-ups.
#pragma once

namespace handoff::queue_tests {

/// How many of the next signals and broadcasts of the calling thread wake nobody.
inline thread_local unsigned signals_to_lose = 0;

}  // namespace handoff::queue_tests
