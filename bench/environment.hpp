// --environment: the machine and the build, as JSON.
#pragma once

#include <string>

namespace handoff::bench {

/// Everything that the program knows about the machine and itself. Unknown values are null.
std::string environment_json();

}  // namespace handoff::bench
