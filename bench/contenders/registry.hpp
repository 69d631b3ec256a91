// Everything that can be measured, as the build found it: generated from the handoff_add_backend() and
// handoff_add_peer() lines, see bench/contenders/registry.cpp.in.
#pragma once

#include "bench/contenders/catalog.hpp"

namespace handoff::bench {

/// All lines, in the order of the CMake files: backends, then peers.
backend_catalog registry();

}  // namespace handoff::bench
