// Runs another program to its end, or to a deadline, and keeps what it printed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/children/child_process.hpp"

namespace handoff::bench::testing {

struct subprocess_result {
  ending how = ending::exited;
  int code = 0;  ///< exit status, signal, or errno
  std::string out;
  std::string err;  ///< the last part of stderr
};

/// Runs `command` as child_process does, with an empty standard input. It is killed at the deadline, and if
/// it prints more than a mebibyte.
inline subprocess_result run_subprocess(const std::vector<std::string>& command,
                                        std::chrono::milliseconds limit) {
  child_process child(command);
  if (const int error = child.start_error(); error != 0) return {ending::not_started, error, {}, {}};
  child.close_input();
  const auto end =
      child.read_until([](std::string_view) { return false; }, child_process::clock::now() + limit);
  return {end->reason, end->code, child.take_output(), child.last_words()};
}

}  // namespace handoff::bench::testing
