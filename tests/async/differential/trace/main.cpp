// handoff-trace: runs a trace program from standard input in virtual time, and prints its trace.
#include <iostream>
#include <iterator>
#include <string>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "tests/async/differential/trace/program.hpp"
#include "tests/async/differential/trace/run.hpp"

int main(int argc, char**) {
  using namespace handoff;
  return bench::run_framed("handoff-trace", [argc] {
    if (argc > 1) throw bench::usage_error("takes no arguments: handoff-trace < program.json");
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    bench::print_out(trace::run_program(trace::parse_program(text)));
    return 0;
  });
}
