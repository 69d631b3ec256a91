// Is a queue for threads first in, first out, whichever threads push and pop? Two proof runs before a cell's
// samples, which enter no figure, answer that completely for their own items.
//
// A sample cannot: to find out which of two producers' pushes came first costs more than a fast queue's item,
// so it is asked only now and then (harness/timeline.hpp); about two consumers' pops it is not asked at all.
// A proof run keeps the whole history (harness/threads/history.hpp). In the first run, operations overlap as
// in a sample; but nothing can be demanded of two that overlap, and on a busy queue, where producers wait for
// each other inside it, most do. So in the second run each side takes turns: there every exchange of two
// items is seen.
//
// Which cells need it: needs_order_proof (harness/sizing.hpp).
#pragma once

#include <string>
#include <utility>

#include "harness/cell.hpp"
#include "harness/outcome.hpp"
#include "harness/session.hpp"
#include "harness/threads/any_queue.hpp"

namespace handoff::harness::threads {

/// Both runs, each over a queue that `make` makes. Empty, or what is wrong.
std::string prove_order(const cell& c, const session_options& options, queue_maker make);

/// A cell whose order is disproved: every sample says so.
class disproved_session final : public cell_session {
 public:
  explicit disproved_session(std::string wrong) : wrong_(std::move(wrong)) {}
  sample take() override { return corrupt_sample(wrong_); }

 private:
  const std::string wrong_;
};

}  // namespace handoff::harness::threads
