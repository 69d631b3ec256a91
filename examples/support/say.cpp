#include "examples/support/say.hpp"

#include "bench/frame/frame.hpp"

namespace handoff::patterns {

void print_line(std::string line) {
  line += '\n';
  bench::print_out(line);
  bench::flush_out();
}

}  // namespace handoff::patterns
