// What surrounds every case.
#pragma once

#include <cstdint>
#include <functional>

namespace handoff::conformance {

/// Runs a case with its seed, under a watch for hangs; prints seed and capacity if it fails; afterwards
/// checks the census of items: every item that was constructed was destroyed, once, where it was constructed;
/// none came out torn; no failed push touched its argument.
void surrounded(const std::function<void(std::uint64_t seed)>& body);

}  // namespace handoff::conformance
