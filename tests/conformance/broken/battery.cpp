#include "tests/conformance/broken/battery.hpp"

#include "tests/conformance/broken/broken_protocols.hpp"
#include "tests/conformance/broken/broken_queue.hpp"
#include "tests/conformance/broken/relaxed_ring.hpp"
#include "tests/conformance/broken/spawning_queue.hpp"
#include "tests/conformance/suite.hpp"
#include "tests/conformance/types/alignment.hpp"
#include "tests/conformance/types/item_types.hpp"

namespace handoff::conformance::broken {

namespace {

/// The queue with the fault that `active` names, for every kind of item.
subject with_fault(const specimen&) {
  subject who = describe<broken_queue, broken_queue>("broken_queue", "native", wait_kind::native);
  offer<broken_queue, testing_support::word_item>(who, item_kind::word);
  offer<broken_queue, testing_support::block_item>(who, item_kind::block);
  offer<broken_queue, testing_support::throwing_item>(who, item_kind::throwing);
  return who;
}

subject with_another_name(const specimen& what) {
  subject who = with_fault(what);
  who.backend = "another_header";
  return who;
}

/// The sound queue under a broken protocol.
template <template <class> class Layered, wait_kind Wait>
subject under(const specimen&) {
  subject who = describe<try_only, Layered>("try_only", to_string(Wait), Wait);
  offer<Layered, testing_support::word_item>(who, item_kind::word);
  return who;
}

/// A ring under the layering.
template <template <class> class Ring, template <class> class Layered, wait_kind Wait>
subject ring_under(const specimen&) {
  subject who = describe<Ring, Layered>("broken_queue", to_string(Wait), Wait);
  who.parks_at_once = Wait == wait_kind::park;
  return who;
}

/// The queue whose consumers spawn.
subject spawning(const specimen&) {
  subject who = describe<spawning_queue, spawning_queue>("spawning_queue", "native", wait_kind::native);
  offer<spawning_queue, testing_support::word_item>(who, item_kind::word);
  offer<spawning_queue, testing_support::block_item>(who, item_kind::block);
  return who;
}

constexpr specimen specimens[] = {
    {"loses_one_item_in_a_million", "one_to_one_keeps_the_order_over_a_million_items", "items lost",
     fault::loses_one_in_a_million},
    {"pops_one_item_twice_in_fifty", "every_item_arrives_exactly_once/word", "more than once",
     fault::duplicates_one_in_fifty},
    {"swaps_two_items_in_fifty", "every_item_arrives_exactly_once/tracked", "older one of the same producer",
     fault::swaps_two_in_fifty},
    {"keeps_the_order_of_each_producer_only", "no_item_overtakes_an_older_one/word", "overtakings",
     fault::keeps_order_per_producer_only},
    {"answers_empty_now_and_then", "many_laps_agree_with_a_model/word", "of",
     fault::answers_empty_now_and_then},
    {"answers_empty_when_contended", "a_pop_finds_the_item_that_must_be_inside/tracked", "was inside",
     fault::answers_empty_when_contended},
    {"answers_full_one_too_early", "full_is_answered_at_the_capacity_and_not_before", "capacity",
     fault::answers_full_one_too_early},
    {"tears_an_item", "every_item_arrives_exactly_once/block", "torn", fault::tears_an_item},
    {"wraps_with_a_mask_where_that_is_wrong", "many_laps_agree_with_a_model/tracked", "",
     fault::wraps_with_a_mask},
    {"notifies_the_first_item_only", "a_burst_of_items_wakes_everyone_it_serves", "hangs",
     fault::notifies_only_the_first_item},
    {"notifies_the_first_place_only", "a_burst_of_places_wakes_everyone_it_serves", "hangs",
     fault::notifies_only_the_first_place},
    {"takes_a_wake_up_for_an_item", "every_item_arrives_exactly_once/tracked", "nobody pushed",
     fault::takes_a_wake_up_for_an_item},
    {"accepts_pushes_after_close", "push_after_close_is_refused", "closed", fault::accepts_after_close},
    {"looks_at_close_before_it_locks", "nothing_accepted_is_lost_by_a_close_while_polling/word", "accepted",
     fault::looks_at_close_too_early},
    {"forgets_its_items_at_close", "pop_after_close_drains_then_answers_closed", "closed",
     fault::forgets_its_items_at_close},
    {"wakes_one_consumer_at_close", "close_wakes_everyone_blocked_in_pop", "hangs",
     fault::close_wakes_one_consumer},
    {"forgets_its_producers_at_close", "close_wakes_everyone_blocked_in_push", "hangs",
     fault::close_forgets_producers},
    {"closes_without_saying_so", "push_after_close_is_refused", "is_closed", fault::closes_without_saying_so},
    {"ends_a_join_when_it_is_empty", "popping_without_task_done_does_not_finish_an_item", "returned early",
     fault::joins_when_empty},
    {"never_ends_a_join", "join_waits_until_the_last_item_is_done", "hangs", fault::never_ends_a_join},
    {"wakes_one_joiner_of_several", "everyone_in_join_returns", "hangs", fault::wakes_one_joiner},
    {"waits_in_join_for_refused_pushes", "a_refused_push_is_not_waited_for", "hangs",
     fault::joins_refused_pushes},
    {"forgets_the_counts_of_a_handle", "what_a_handle_left_undone_a_later_one_may_mark", "hangs",
     fault::forgets_the_counts_of_a_handle},
    {"accepts_a_task_done_too_many", "one_task_done_too_many_throws", "std::logic_error",
     fault::accepts_any_task_done},
    {"counts_pops_for_all_handles_together", "task_done_counts_what_this_handle_popped", "std::logic_error",
     fault::counts_pops_for_everybody},
    {"leaks_what_is_left_inside", "items_left_inside_are_destroyed_with_the_queue", "never destroyed",
     fault::leaks_what_is_left},
    {"destroys_an_item_twice", "many_laps_agree_with_a_model/tracked", "not alive", fault::destroys_twice},
    {"holds_one_item_too_many", "full_is_answered_at_the_capacity_and_not_before", "capacity",
     fault::holds_one_too_many},
    {"looks_at_its_bound_before_it_locks", "producers_racing_for_the_last_places_keep_the_bound", "bound",
     fault::looks_at_the_bound_too_early},
    {"moves_the_argument_when_full", "full_is_answered_at_the_capacity_and_not_before", "argument unmoved",
     fault::moves_the_argument_when_full},
    {"moves_the_argument_when_closed", "push_after_close_is_refused", "argument unmoved",
     fault::moves_the_argument_when_closed},
    {"moves_the_argument_when_timed_out", "a_push_does_not_time_out_before_its_deadline", "argument unmoved",
     fault::moves_the_argument_when_timed_out},
    {"moves_the_argument_when_cancelled", "a_stop_ends_a_blocked_push", "argument unmoved",
     fault::moves_the_argument_when_cancelled},
    {"looks_at_the_token_before_the_item", "a_pop_that_need_not_wait_does_not_look_at_the_token", "cancelled",
     fault::cancelled_before_success},
    {"looks_at_the_deadline_before_the_item", "a_push_that_need_not_wait_does_not_look_at_the_deadline",
     "timed_out", fault::timed_out_before_success},
    {"answers_cancelled_where_it_is_closed", "closed_comes_before_empty_cancelled_and_timed_out_on_pop",
     "cancelled", fault::cancelled_before_closed},
    {"answers_full_where_it_is_closed", "closed_comes_before_full_cancelled_and_timed_out_on_push", "full",
     fault::full_before_closed},
    {"does_not_hear_a_stop_in_pop", "a_stop_ends_a_blocked_pop", "hangs", fault::ignores_a_stop_in_pop},
    {"does_not_hear_a_stop_in_push", "a_stop_ends_a_blocked_push", "hangs", fault::ignores_a_stop_in_push},
    {"times_out_before_the_deadline", "a_pop_does_not_time_out_before_its_deadline", "deadline",
     fault::times_out_early},
    {"computes_with_the_deadline_until_it_overflows", "a_deadline_at_the_end_of_time_waits", "timed_out",
     fault::overflows_a_deadline},
    {"miscounts_its_size", "size_counts_what_is_inside", "size()", fault::miscounts_its_size},
    {"does_not_count_failed_attempts", "handles_count_the_attempts_that_failed", "failed_attempts",
     fault::counts_no_failures},
    {"keeps_half_of_a_push_that_threw", "a_push_that_throws_had_no_effect", "drain",
     fault::push_is_not_strong},
    {"loses_the_item_of_a_pop_that_threw", "a_pop_that_throws_had_no_effect", "drain",
     fault::pop_is_not_strong},
    {"counts_a_push_that_threw", "a_push_that_throws_had_no_effect", "size() after",
     fault::counts_a_push_that_threw},
    {"keeps_the_wake_up_of_a_pop_that_threw", "a_pop_that_throws_passes_its_wake_up_on", "hangs",
     fault::wake_up_ends_with_a_pop_that_threw},
    {"keeps_the_wake_up_of_a_push_that_threw", "a_push_that_throws_passes_its_wake_up_on", "hangs",
     fault::wake_up_ends_with_a_push_that_threw},
    {"forgets_all_but_eight_sleepers_in_pop", "however_many_sleep_in_pop_every_item_wakes_one", "hangs",
     fault::holds_eight_sleepers},
    {"forgets_all_but_eight_sleepers_in_push", "however_many_sleep_in_push_every_place_wakes_one", "hangs",
     fault::holds_eight_sleepers},
    {"forgets_all_but_eight_sleepers_at_close", "however_many_sleep_close_wakes_them", "hangs",
     fault::holds_eight_sleepers},
    {"forgets_all_but_eight_sleepers_at_a_stop", "however_many_sleep_one_stop_wakes_them", "hangs",
     fault::holds_eight_sleepers},
    {"has_a_table_of_sixteen_handles", "however_many_handles_there_are_each_can_be_used", "consumer",
     fault::holds_sixteen_handles},
    {"numbers_its_handles_in_sixteen_bits", "however_many_handles_there_were_a_new_one_can_be_used", "empty",
     fault::numbers_handles_in_sixteen_bits},
    {"counts_its_items_in_sixteen_bits", "as_many_are_held_as_were_asked_for", "items that came out",
     fault::counts_items_in_sixteen_bits},
    {"keeps_positions_in_seventeen_bits", "as_many_pass_through_few_places_as_come", "out of order",
     fault::keeps_positions_in_seventeen_bits},
    {"keeps_positions_in_thirty_two_bits", "positions_overflow_unnoticed", "32 bits overflow",
     fault::keeps_positions_in_thirty_two_bits},
    {"copies_what_is_pushed", "what_is_pushed_comes_out_in_the_declared_order/tracked", "copies of items",
     fault::copies_on_push},
    {"copies_what_is_popped", "every_item_arrives_exactly_once/tracked", "copies of items",
     fault::copies_on_pop},
    {"keeps_popped_items_alive", "nothing_of_a_popped_item_stays_in_the_queue",
     "destroy an item when it is popped", fault::keeps_popped_items_alive},
    {"swaps_items_out", "nothing_of_a_popped_item_stays_in_the_queue", "argument held before",
     fault::swaps_items_out},
    {"tears_one_item_in_100_000", "each_of_many_items_comes_out_whole", "torn", fault::tears_one_in_100_000},
    {"publishes_an_item_before_it_has_moved", "an_item_comes_out_when_it_is_inside_as_a_whole",
     "half-way through its move", fault::publishes_before_the_move},
    {"frees_a_place_before_its_item_has_moved", "a_place_is_filled_anew_when_its_item_has_left_as_a_whole",
     "torn", fault::frees_the_place_before_the_move},
    {"finishes_an_item_whose_pop_threw", "a_pop_that_throws_finishes_no_item", "returned early",
     fault::finishes_an_item_whose_pop_threw},
    {"lets_an_item_be_marked_whose_pop_threw", "a_pop_that_throws_finishes_no_item", "the pop threw",
     fault::credits_a_pop_that_threw},
    {"shows_too_small_a_size_while_it_pops", "size_is_not_too_low_while_a_pop_is_under_way", "size() was 1",
     fault::shows_too_small_a_size_while_it_pops},
    {"loses_counts_of_its_size_when_contended", "size_is_exact_at_rest_after_contention", "size() at rest",
     fault::loses_counts_of_its_size_when_contended},
    {"sleeps_in_a_try", "a_try_does_not_wait", "sleeps in", fault::sleeps_in_a_try},
    {"spins_in_a_try", "a_try_does_not_wait", "the quickest of", fault::spins_in_a_try},
    {"keeps_deadlines_a_second_late", "a_wait_ends_soon_after_its_deadline", "half a second",
     fault::keeps_deadlines_a_second_late},
    {"looks_for_items_once_a_second", "a_wait_ends_soon_after_its_item_has_come", "half a second",
     fault::looks_once_a_second},
    {"looks_for_a_stop_once_a_second", "a_wait_ends_soon_after_a_stop", "half a second",
     fault::looks_once_a_second},
    {"forgets_the_deadline_of_a_pop_once_woken", "a_pop_that_was_robbed_keeps_its_deadline", "hangs",
     fault::forgets_its_limits_once_woken},
    {"forgets_the_deadline_of_a_push_once_woken", "a_push_that_was_robbed_keeps_its_deadline", "hangs",
     fault::forgets_its_limits_once_woken},
    {"forgets_the_token_of_a_pop_once_woken", "a_pop_that_was_robbed_keeps_its_token", "hangs",
     fault::forgets_its_limits_once_woken},
    {"forgets_the_token_of_a_push_once_woken", "a_push_that_was_robbed_keeps_its_token", "hangs",
     fault::forgets_its_limits_once_woken},
    {"looks_at_the_token_before_the_item_when_woken", "an_item_that_came_before_the_stop_is_taken",
     "before the stop", fault::looks_at_the_token_when_woken},
    {"looks_at_the_token_before_the_place_when_woken", "a_place_that_came_before_the_stop_is_taken",
     "before the stop", fault::looks_at_the_token_when_woken},
    {"looks_at_the_token_before_the_close_when_woken",
     "a_close_that_came_before_the_stop_is_told_to_who_pops", "before the stop",
     fault::looks_at_the_token_when_woken},
    {"bears_another_name_than_its_header", "traits_name_the_header", "another_header", fault::none,
     with_another_name},
    {"counts_a_push_after_its_look_at_close", "nothing_accepted_is_lost_by_a_close_while_polling/word",
     "accepted and popped", fault::none, under<with_late_announced_close, wait_kind::yield>},
    {"adds_up_the_pushes_before_the_dones", "join_is_never_early", "returned early", fault::none,
     under<with_hasty_completion, wait_kind::yield>},
    {"sleeps_without_a_second_look", "an_item_that_comes_while_the_consumer_lies_down_wakes_it", "hangs",
     fault::none, under<without_second_look, wait_kind::park>},
    {"leaves_with_the_wake_up_of_another", "a_pop_that_is_stopped_passes_its_wake_up_on", "hangs",
     fault::none, under<without_passing_on, wait_kind::park>},
    {"wakes_one_of_all_when_it_closes", "close_wakes_everyone_blocked_in_pop", "hangs", fault::none,
     under<without_waking_all, wait_kind::park>},
    {"takes_every_bool_for_true", "items_may_be_bool", "70", fault::takes_every_bool_for_true},
    {"lets_a_producer_sleep_beside_a_free_place", "places_behind_a_stalled_pop_find_their_producers", "hangs",
     fault::none, ring_under<sound_ring, parking_beside_ring, wait_kind::park>},
    {"lets_a_consumer_sleep_beside_an_item", "items_behind_a_stalled_push_find_their_consumers", "hangs",
     fault::none, ring_under<sound_ring, parking_beside_ring, wait_kind::park>},
    {"waits_after_close_for_a_stalled_push", "a_push_stalled_in_a_closed_queue_delays_no_answer",
     "try_pop waits for a push that stands still", fault::none,
     ring_under<frank_ring, with_patient_close, wait_kind::yield>},
    {"answers_closed_before_the_last_item", "a_push_stalled_in_a_closed_queue_delays_no_answer", "closed",
     fault::none, ring_under<sound_ring, with_hasty_close, wait_kind::yield>},
    {"accepts_what_is_spawned_after_close", "spawn_after_close_is_refused", "closed",
     fault::accepts_what_is_spawned_after_close, spawning},
    {"moves_what_is_spawned_when_closed", "spawn_after_close_is_refused", "argument unmoved",
     fault::moves_what_is_spawned_when_closed, spawning},
    {"wakes_nobody_for_what_is_spawned", "a_spawned_item_wakes_a_consumer", "hangs",
     fault::wakes_nobody_for_what_is_spawned, spawning},
    {"joins_without_what_was_spawned", "join_waits_for_what_was_spawned", "returned early",
     fault::joins_without_what_was_spawned, spawning},
    {"ends_a_tree_early", "one_join_ends_a_tree_of_tasks/word", "not done exactly once",
     fault::joins_without_what_was_spawned, spawning},
    {"joins_refused_spawns", "a_spawn_that_is_refused_is_not_waited_for", "hangs",
     fault::joins_refused_spawns, spawning},
    {"loses_one_spawned_in_fifty", "what_a_consumer_spawns_comes_out_once/word", "size()",
     fault::loses_one_spawned_in_fifty, spawning},
    {"forgets_what_a_handle_spawned", "what_a_handle_spawned_outlives_it", "drain",
     fault::forgets_what_a_handle_spawned, spawning},
#if !defined(HANDOFF_TEST_ASAN)  // where the sanitizer stops at the first construction
    {"misplaces_over_aligned_items", "items_of_any_alignment_lie_where_they_may", "lay where it must not",
     fault::misplaces_over_aligned_items},
#endif
#if defined(HANDOFF_TEST_TSAN)
    {"publishes_items_by_a_relaxed_store", "threads_that_take_turns_see_what_was_pushed/word", "data race",
     fault::none, under<without_release_on_push, wait_kind::yield>},
    {"publishes_items_to_a_waiting_consumer_by_a_relaxed_store",
     "a_consumer_that_waited_sees_what_was_pushed", "data race", fault::none,
     under<without_release_on_push, wait_kind::yield>},
    {"frees_places_by_a_relaxed_store", "threads_that_take_turns_see_what_was_pushed/tracked", "data race",
     fault::none, under<without_release_on_pop, wait_kind::yield>},
    {"marks_items_as_done_by_a_relaxed_store", "whoever_joins_sees_what_was_done", "data race", fault::none,
     under<with_relaxed_completion, wait_kind::yield>},
    {"closes_by_a_relaxed_store", "a_consumer_that_is_told_closed_sees_what_was_before", "data race",
     fault::none, under<with_relaxed_close, wait_kind::yield>},
#endif
};

constexpr specimen sound_specimens[] = {
    {"none", "*", "", fault::none},
    {"ring_with_all_its_orderings", "*see*", "", fault::none, under<with_all_releases, wait_kind::yield>},
    {"spawning_queue", "*", "", fault::none, spawning},
    {"ring_that_parks_at_once", "*", "", fault::none,
     ring_under<frank_ring, parking_beside_frank_ring, wait_kind::park>},
};

}  // namespace

std::span<const specimen> battery() { return specimens; }
std::span<const specimen> sound_ones() { return sound_specimens; }

void register_specimen(const specimen& what) {
  active = what.which;
  subject who = what.describe != nullptr ? what.describe(what) : with_fault(what);
  who.name = "broken";
  register_cases(std::move(who));
  register_on_loop("broken", alignment_cases<broken_queue>::all());
  register_on_loop("broken", item_type_cases<broken_queue>::all());
}

}  // namespace handoff::conformance::broken
