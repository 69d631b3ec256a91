// handoff-bench: see bench/command_line.cpp for what it understands.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "bench/catalog.hpp"
#include "bench/command_line.hpp"
#include "bench/errors.hpp"
#include "bench/program.hpp"
#include "bench/registry.hpp"

int main(int argc, char** argv) {
  using namespace handoff::bench;
  try {
    const auto line = parse_command_line(argc, argv);
    return line ? run_program(*line, make_catalog(registry())) : 0;
  } catch (const usage_error& error) {
    fmt::print(stderr, "handoff-bench: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "handoff-bench: {}\n", error.what());
    return 1;
  }
}
