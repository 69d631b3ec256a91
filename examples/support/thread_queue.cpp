#include "examples/support/thread_queue.hpp"

#include <cstdlib>
#include <exception>

#include "bench/frame/frame.hpp"

namespace handoff::patterns {

void give_up() noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    bench::tell("handoff-patterns", error.what());
  } catch (...) {
    bench::tell("handoff-patterns", "an exception left a thread");
  }
  std::_Exit(1);
}

void run_on_threads(const thread_program& program, const thread_backend& backend, pace delays) {
  try {
    const std::unique_ptr<thread_queue> queue = backend.make(program.needs, program.capacity);
    program.run(*queue, delays);
  } catch (...) {
    give_up();
  }
}

}  // namespace handoff::patterns
