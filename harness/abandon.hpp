// The way out of a cell that cannot be finished: a hung queue cannot be joined, only left.
#pragma once

#include <functional>
#include <string>

#include "harness/sample.hpp"

namespace handoff::harness {

/// Called once, by whichever thread gives the cell up; the process ends when it returns. Set it before a cell
/// is opened. Without one the reason goes to stderr.
void on_abandon(std::function<void(const sample&)> handler);

/// Ends the process with exit status 1 after the handler has recorded `status` and `detail`. Any thread; the
/// first caller wins.
[[noreturn]] void abandon(sample_status status, std::string detail);

}  // namespace handoff::harness
