// The two ways in which the bench program gives up, each with one sentence for its user.
#pragma once

#include <stdexcept>

namespace handoff::bench {

/// What the user asked for cannot be: exit status 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What was asked for failed on the way (a full disk): exit status 1.
struct run_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace handoff::bench
