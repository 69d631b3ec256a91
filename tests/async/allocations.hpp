// Every allocation by operator new of the test program, counted; and a moment to meddle: the next one.
#pragma once

#include <cstddef>
#include <functional>

#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests::allocations {

/// How many there were in the process, and the bytes of those that have not been freed.
std::size_t count() noexcept;
std::size_t live_bytes() noexcept;

#if !defined(HANDOFF_TEST_TSAN)  // which does not tell
/// The alignment that the last allocation of the process asked for; 0 if it did not say.
std::size_t last_alignment() noexcept;
#endif

/// Calls `what` in the next allocation of this thread, once, before it is made.
void at_the_next(std::function<void()> what);

}  // namespace handoff::async_tests::allocations
