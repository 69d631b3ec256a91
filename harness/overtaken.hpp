// Which items of a queue came out after one that was pushed later: the order of a first-in, first-out queue,
// judged by when each operation began and ended.
//
// An item was overtaken if its push had ended when another's began, and the other's pop had ended when its
// own began. Then at some moment both are inside, the overtaken one in front, and the one behind comes out:
// no such queue does that, however its workers are scheduled. Nothing is demanded of operations that overlap.
// If no item is lost, doubled or invented, this is all that the order means for a history (Henzinger, Sezgin,
// Vafeiadis, "Aspect-oriented linearizability proofs", CONCUR 2013).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace handoff::harness {

/// When an operation began and ended, by any clock whose moments are in one order.
struct interval {
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
};

/// When an item was pushed that nobody pushed: it overtakes none, and none overtakes it.
inline constexpr interval never_pushed{.began = 0, .ended = ~std::uint64_t{0}};

/// Which of `pops` pops returned an overtaken item; they are numbered in the order in which they ended.
/// `push_of(i)`: the interval in which the item of the ith was pushed. `out_before(i)`: how many pops had
/// ended when the ith began.
template <class PushOf, class OutBefore>
std::vector<bool> overtaken(std::size_t pops, PushOf push_of, OutBefore out_before) {
  std::vector<bool> late(pops, false);
  // Among the items of the first i pops: when the push that began last began.
  std::vector<std::uint64_t> latest(pops + 1, 0);
  for (std::size_t i = 0; i < pops; ++i) {
    const interval push = push_of(i);
    late[i] = push.ended < latest[out_before(i)];
    latest[i + 1] = std::max(latest[i], push.began);
  }
  return late;
}

}  // namespace handoff::harness
