// A case that is a program of coroutines.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/conformance/status_printing.hpp"

namespace handoff::conformance {

struct loop_case {
  const char* name;
  void (*run)(std::uint64_t seed);
};

/// Registers the cases with GoogleTest as test suite `name`.
void register_on_loop(const std::string& name, std::span<const loop_case> cases);

}  // namespace handoff::conformance
