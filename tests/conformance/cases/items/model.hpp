// What must be inside, kept beside the queue.
#pragma once

#include <deque>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

/// Takes `key` out of what must be inside, which is in the order of its pushes; fails where it is not the
/// next one of the declared order.
void expect_next(std::deque<item_key>& inside, item_key key, ordering order);

/// Any mixture of pushes and pops, many laps around any ring, by one thread: every answer and every item.
void agree_with_a_model(const trial& t, std::size_t asked, first_position first = {});

}  // namespace handoff::conformance
