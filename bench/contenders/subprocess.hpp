// Runs another program to its end, or to a deadline, and keeps what it printed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace handoff::bench {

struct subprocess_result {
  enum class ending : unsigned char { exited, signalled, timed_out, talked_too_much, not_started };
  ending how = ending::exited;
  int code = 0;  ///< exit status, signal, or errno
  std::string out;
  std::string err;  ///< the last part of stderr
};

/// Runs `command` (a path, or a name on the PATH, with its arguments) in its own process group, with no
/// input, no signal blocked or ignored, and this `environment` (the caller's own if none is given). At the
/// deadline, or if it prints more than a mebibyte, the whole group is killed. It does not outlive the caller.
/// One thread at a time.
subprocess_result run_subprocess(const std::vector<std::string>& command, std::chrono::milliseconds limit,
                                 const std::optional<std::vector<std::string>>& environment = std::nullopt);

/// Where the program is, or an empty string: a name with a slash is a path; any other is looked up on the
/// PATH.
std::string find_program(const std::string& name);

}  // namespace handoff::bench
