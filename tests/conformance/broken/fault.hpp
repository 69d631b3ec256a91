// The faults that the battery puts into a queue, one at a time.
#pragma once

#include <string_view>

namespace handoff::conformance::broken {

enum class fault : unsigned char {
  none,
  loses_one_in_a_million,
  duplicates_one_in_fifty,
  swaps_two_in_fifty,
  keeps_order_per_producer_only,
  answers_empty_now_and_then,
  answers_empty_when_contended,
  answers_full_one_too_early,
  tears_an_item,
  wraps_with_a_mask,
  notifies_only_the_first_item,
  notifies_only_the_first_place,
  takes_a_wake_up_for_an_item,
  accepts_after_close,
  looks_at_close_too_early,
  forgets_its_items_at_close,
  close_wakes_one_consumer,
  close_forgets_producers,
  closes_without_saying_so,
  joins_when_empty,
  never_ends_a_join,
  wakes_one_joiner,
  joins_refused_pushes,
  forgets_the_counts_of_a_handle,
  accepts_any_task_done,
  counts_pops_for_everybody,
  leaks_what_is_left,
  destroys_twice,
  holds_one_too_many,
  looks_at_the_bound_too_early,
  moves_the_argument_when_full,
  moves_the_argument_when_closed,
  moves_the_argument_when_timed_out,
  moves_the_argument_when_cancelled,
  cancelled_before_success,
  timed_out_before_success,
  cancelled_before_closed,
  full_before_closed,
  ignores_a_stop_in_pop,
  ignores_a_stop_in_push,
  times_out_early,
  overflows_a_deadline,
  miscounts_its_size,
  counts_no_failures,
  push_is_not_strong,
  pop_is_not_strong,
  wake_up_ends_with_a_pop_that_threw,
  wake_up_ends_with_a_push_that_threw,
};

/// The one fault of this process.
inline fault active = fault::none;
inline bool is(fault f) noexcept { return active == f; }

}  // namespace handoff::conformance::broken
