// --environment: the machine and the build, as JSON.
#pragma once

#include <string>

namespace handoff::bench {

/// Everything that the program knows of the machine and of itself. What is not known is null.
std::string environment_json();

}  // namespace handoff::bench
