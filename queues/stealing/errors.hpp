// What a run throws by itself.
#pragma once

#include <stdexcept>

namespace handoff::stealing {

/// The stop token of the run was triggered. Thrown by the next fork of each of its branches, so it comes out
/// of `run`, unless every fork was over by then.
struct cancelled : std::runtime_error {
  cancelled() : std::runtime_error("the run was cancelled by its stop token") {}
};

/// Thrown by a fork for which the stack of its thread is too deep: less than 128 KiB are left, or a quarter
/// of a stack of less than 512 KiB.
struct stack_exhausted : std::runtime_error {
  stack_exhausted()
      : std::runtime_error(
            "joins are nested too deeply for the stack of the thread: fork less deeply, "
            "or give the thread a larger stack") {}
};

}  // namespace handoff::stealing
