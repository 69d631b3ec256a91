// The ways in which a program gives up, each with one sentence for its user; bench/frame/frame.hpp turns them
// into exit statuses.
#pragma once

#include <stdexcept>

namespace handoff::bench {

/// The user asked for something impossible: exit status 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The run failed on the way: exit status 1.
struct run_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A row did not reach its file (a full disk): exit status 3. It says nothing about the cell, so a scheduler
/// measures the cell again.
struct unwritten_row : run_error {
  using run_error::run_error;
};

}  // namespace handoff::bench
