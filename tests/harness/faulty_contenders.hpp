// The faulty queues as contenders: compiled once, however many tests break them.
#pragma once

#include "harness/session.hpp"

namespace handoff::harness_tests {

extern const harness::contender faulty_fifo_contender;       ///< threads, promises FIFO
extern const harness::contender faulty_unordered_contender;  ///< threads, promises no order
/// Threads, first in, first out, but promises another order.
extern const harness::contender faulty_lifo_contender;
extern const harness::contender faulty_priority_contender;
extern const harness::contender faulty_per_producer_contender;
extern const harness::contender faulty_loop_contender;      ///< coroutines, promises FIFO
extern const harness::contender faulty_parallel_contender;  ///< the same, on several threads
/// Threads, with only push and pop: no try forms, nothing to close, cancel or join.
extern const harness::contender faulty_plain_contender;

}  // namespace handoff::harness_tests
