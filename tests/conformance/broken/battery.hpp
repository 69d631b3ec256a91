// Every broken queue, the case that must find it, and what that case must say.
#pragma once

#include <span>
#include <string_view>

#include "tests/conformance/broken/fault.hpp"
#include "tests/conformance/subject.hpp"

namespace handoff::conformance::broken {

struct specimen {
  std::string_view name;      ///< of the queue, as a sentence: `a queue that …`
  std::string_view found_by;  ///< a case of the suite, with its kind of item if it has several
  std::string_view says;      ///< part of what the case must say; "hangs" if the watchdog must end it
  fault which = fault::none;
  subject (*describe)(const specimen&) = nullptr;  ///< null: broken_queue with the fault
};

std::span<const specimen> battery();

/// The queues that they are made from: every case that `found_by` matches must pass.
std::span<const specimen> sound_ones();

/// Registers with GoogleTest the suite for that specimen, as test suite `broken`.
void register_specimen(const specimen& what);

}  // namespace handoff::conformance::broken
