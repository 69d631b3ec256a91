// --environment: the machine and the build, as JSON.
#pragma once

#include <string>

#include "bench/contenders/catalog.hpp"

namespace handoff::bench {

/// Everything that the program knows about the machine and itself. Unknown values are null.
/// `catalog`: whose peers are asked what they run on.
std::string environment_json(const backend_catalog& catalog);

}  // namespace handoff::bench
