// Prints statuses in GoogleTest's messages. Every file that compares them includes this: if one file of a
// program does not, all of them may print bytes.
#pragma once

#include <ostream>

#include "queues/contract/status.hpp"

namespace handoff {

inline void PrintTo(op_status status, std::ostream* out) { *out << to_string(status); }

}  // namespace handoff
