// Everything that can be measured, as the build found it: generated from the handoff_add_backend() and
// handoff_add_peer() lines, see bench/contenders/registry.cpp.in.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace handoff::bench {

struct backend_entry;

/// One handoff_add_backend() line.
struct registered_backend {
  std::string_view name;
  bool available;
  std::string_view needs;         ///< the missing packages; empty if available
  const backend_entry& (*get)();  ///< null if not available
};

/// One handoff_add_peer() line: a contender that is a program of its own. Whether it is available is checked
/// when the bench program starts, because its program may have come or gone since the build.
struct registered_peer {
  std::string_view name;
  std::vector<std::string_view> command;    ///< program and first arguments; looked up on the PATH
  std::vector<std::string_view> scenarios;  ///< those that it offers, in the words of the matrices
  std::string_view ordering;
  std::string_view wait;
  std::string_view summary;
  std::string_view reference;
};

/// All lines, in the order of the CMake files.
struct registry_lines {
  std::span<const registered_backend> backends;
  std::span<const registered_peer> peers;
};

registry_lines registry();

}  // namespace handoff::bench
