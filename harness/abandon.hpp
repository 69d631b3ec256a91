// The exit path of a cell that cannot finish: a hung queue cannot be joined, only abandoned.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "harness/sample.hpp"

namespace handoff::harness {

/// Called once, by the thread that gives the cell up; the process ends when it returns. Set it before a cell
/// is opened. Without a handler, the reason is written to stderr.
void on_abandon(std::function<void(const sample&)> handler);

/// Records `status` and `detail` through the handler, then ends the process with exit status 1. Any thread;
/// the first caller wins.
[[noreturn]] void abandon(sample_status status, std::string detail);

/// Runs `f`. An exception from it ends the cell as corrupt, because other threads inside the queue would wait
/// for this one. `where` begins the sentence: "the coordinator", "a worker".
template <class F>
decltype(auto) or_abandon(const char* where, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const std::exception& e) {
    abandon(sample_status::corrupt, std::string(where) + " ended with an exception: " + e.what());
  }
}

}  // namespace handoff::harness
