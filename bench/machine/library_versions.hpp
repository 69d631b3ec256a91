// The libraries that the build found, as every run records them.
#pragma once

#include <span>
#include <string_view>

namespace handoff::bench {

struct library_version {
  std::string_view name;
  std::string_view version;  ///< "unknown" if neither CMake nor dpkg can tell
};

/// Generated with the registry, because a backend may bring a library along.
std::span<const library_version> library_versions();

}  // namespace handoff::bench
