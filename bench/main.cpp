// handoff-bench: see bench/command_line.cpp for what it understands.
#include "bench/command_line.hpp"
#include "bench/contenders/registry.hpp"
#include "bench/frame/frame.hpp"
#include "bench/program.hpp"

int main(int argc, char** argv) {
  using namespace handoff::bench;
  return run_framed("handoff-bench", [&] {
    const auto line = parse_command_line(argc, argv);
    return line ? run_program(*line, registry()) : 0;
  });
}
