// One sample in a process of its own, for programs whose contenders may crash, hang or count wrongly: neither
// the threads nor the memory of one meet another one, and the program goes on.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/sample.hpp"

namespace handoff::bench {

/// Thrown while a sample is taken: what came out is wrong, in a sentence.
struct wrong_result : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What became of a sample.
struct child_sample {
  std::vector<double> figures = {};                            ///< of an `ok` one
  harness::sample_status status = harness::sample_status::ok;  ///< or corrupt, crashed, timeout
  std::string detail = {};  ///< otherwise: a sentence about the process, "it"
};

/// Calls `take()` in a process forked for it, and answers what that returned. It is `corrupt` if `take` threw
/// wrong_result; `crashed` if it threw anything else or the process ended, in which case the sentence names
/// the signal; `timeout` if nothing had come back after `limit`, when the process is killed. The caller's
/// process must have one thread. Throws run_error if there is no process.
child_sample sample_in_child(const std::function<std::vector<double>()>& take,
                             std::chrono::milliseconds limit);

/// How many samples of a row failed, and how the first of those did: `crashed in 2 of 9 blocks: …`; nothing
/// if none failed.
std::string failures_of(const std::vector<child_sample>& samples);

}  // namespace handoff::bench
