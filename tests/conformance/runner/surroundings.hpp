// What surrounds every case.
#pragma once

#include <cstdint>
#include <functional>

namespace handoff::conformance {

/// Runs a case with its seed, under a watch for hangs; prints seed and capacity when it fails; holds the
/// census of items against it afterwards: everybody who was constructed was destroyed, once, where it was
/// constructed; nobody came out torn; no failed push touched its argument.
void surrounded(const std::function<void(std::uint64_t seed)>& body);

}  // namespace handoff::conformance
