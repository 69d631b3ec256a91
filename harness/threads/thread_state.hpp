// The kernel's view of a thread: proof that a consumer really sleeps before it is told to leave, or before it
// is said to wait in vain.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

namespace handoff::harness {

/// The kernel's id of the calling thread.
pid_t current_thread_id() noexcept;

/// The state letter of a thread of this process, as in /proc/…/stat: R if it runs or could run, S if it
/// sleeps. Empty if the kernel does not report it, or the thread has ended.
std::optional<char> thread_state(pid_t thread);

/// Whether every other thread of this process sleeps: none runs, waits for a core, or is stopped.
bool others_sleep();

/// The state letter, read from the text of /proc/…/stat.
std::optional<char> state_in(std::string_view stat) noexcept;

}  // namespace handoff::harness
