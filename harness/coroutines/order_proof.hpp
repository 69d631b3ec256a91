// Is a queue for tasks on several threads first in, first out? As for threads
// (harness/threads/order_proof.hpp), a run before a cell's samples answers that for all of its items, and
// enters no figure: a stream whose operations are all recorded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "harness/cell.hpp"
#include "harness/clock.hpp"
#include "harness/coroutines/shared_logs.hpp"
#include "harness/coroutines/stream.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::coroutines {

/// Empty, or what is wrong.
template <class Queue>
std::string prove_order(const cell& c, const session_options& options) {
  constexpr std::uint64_t items = 2048;  // or one of each producer
  const watchdog hung(options.step_limit, "the proof of order of " + name_of(c));
  stream<Queue, steady, history_log> proof(c, options);
  const std::uint64_t share = std::max<std::uint64_t>(items / c.producers, 1);
  const std::string wrong = proof.run_as(stream_kind::plain, share * c.producers, 0).wrong;
  return wrong.empty() ? wrong : "in the proof of order, " + wrong;
}

}  // namespace handoff::harness::coroutines
