// join on threads: see harness/scenarios/join.hpp.
#pragma once

#include <memory>

#include "harness/cell.hpp"
#include "harness/scenarios/join.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"
#include "harness/threads/any_queue.hpp"

namespace handoff::harness::threads {

/// `counting`: a stream over the same queue.
std::unique_ptr<join_driver> join_rounds_of(const cell& c, const session_options& options, queue_maker make,
                                            std::unique_ptr<any_stream> counting);

}  // namespace handoff::harness::threads
