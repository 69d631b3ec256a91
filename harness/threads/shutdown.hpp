// shutdown on threads: see harness/scenarios/shutdown.hpp.
#pragma once

#include <memory>

#include "harness/cell.hpp"
#include "harness/scenarios/shutdown.hpp"
#include "harness/session.hpp"
#include "harness/threads/any_queue.hpp"

namespace handoff::harness::threads {

std::unique_ptr<shutdown_driver> shutdown_rounds_of(const cell& c, const session_options& options,
                                                    queue_maker make);

}  // namespace handoff::harness::threads
