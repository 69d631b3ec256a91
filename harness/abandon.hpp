// The way out of a cell that cannot be finished: a hung queue cannot be joined, only left.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "harness/sample.hpp"

namespace handoff::harness {

/// Called once, by whichever thread gives the cell up; the process ends when it returns. Set it before a cell
/// is opened. Without one the reason goes to stderr.
void on_abandon(std::function<void(const sample&)> handler);

/// Ends the process with exit status 1 after the handler has recorded `status` and `detail`. Any thread; the
/// first caller wins.
[[noreturn]] void abandon(sample_status status, std::string detail);

/// Runs `f`. What it throws ends the cell as corrupt: whoever else is inside the queue would wait for this
/// thread. `where` begins the sentence: "the coordinator", "a worker".
template <class F>
decltype(auto) or_abandon(const char* where, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const std::exception& e) {
    abandon(sample_status::corrupt, std::string(where) + " ended with an exception: " + e.what());
  }
}

}  // namespace handoff::harness
