// handoff-trace: runs a trace program from standard input in virtual time, and prints its trace.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>

#include "bench/trace/program.hpp"
#include "bench/trace/run.hpp"

int main(int argc, char**) {
  using namespace handoff::trace;
  if (argc > 1) {
    fmt::print(stderr, "handoff-trace: takes no arguments: handoff-trace < program.json\n");
    return 2;
  }
  try {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const std::string trace = run_program(parse_program(text));
    const bool written = std::fwrite(trace.data(), 1, trace.size(), stdout) == trace.size();
    if (written && std::fflush(stdout) == 0) return 0;
    fmt::print(stderr, "handoff-trace: the trace could not be written\n");
    return 1;
  } catch (const program_error& error) {
    fmt::print(stderr, "handoff-trace: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "handoff-trace: {}\n", error.what());
    return 1;
  }
}
