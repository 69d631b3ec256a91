// A model of what must be inside, kept beside the queue.
#pragma once

#include <deque>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

/// Removes `key` from what must be inside, which is in the order of its pushes; fails if it is not the next
/// one in the declared order.
void expect_next(std::deque<item_key>& inside, item_key key, ordering order);

/// Any mixture of pushes and pops, many laps around any ring, by one thread: checks every status and every
/// item.
void agree_with_a_model(const trial& t, std::size_t asked, first_position first = {});

}  // namespace handoff::conformance
