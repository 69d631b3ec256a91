#include "harness/make_contender.hpp"
#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/faulty_loop_queue.hpp"

namespace handoff::harness_tests {

const harness::contender faulty_loop_contender = harness::make_contender<faulty_loop_queue>(wait_kind::loop);
const harness::contender faulty_parallel_contender =
    harness::make_contender<faulty_parallel_queue>(wait_kind::loop);

}  // namespace handoff::harness_tests
