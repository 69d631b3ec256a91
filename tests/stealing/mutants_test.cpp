// Deques, and searchers of a pool, with a planted fault each (mutants.cmake): the case that is meant to find
// it must do so, in every run.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutants.hpp>
#include <string>

#include "tests/stealing/cancelling.hpp"
#include "tests/stealing/joining.hpp"
#include "tests/stealing/model.hpp"
#include "tests/stealing/orderings.hpp"
#include "tests/stealing/parking.hpp"
#include "tests/stealing/pauses.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/seed.hpp"

namespace handoff::stealing_tests {
namespace {

using namespace stealing;

template <template <class, class> class Deque, act Outer>
std::string found_where_it_stops() {
  return every_pause<Deque<std::uint64_t, scripted_steps>>(Outer);
}

template <template <class, class> class Deque, act Early, act Late>
std::string found_where_they_overlap() {
  return every_overlap<Deque<std::uint64_t, scripted_steps>>(Early, Late);
}

template <template <class, class, std::size_t> class Deque, act Outer>
std::string found_where_blocks_of_two_stop() {
  return every_pause<Deque<std::uint64_t, scripted_steps, 2>>(Outer);
}

struct specimen {
  const char* name;  ///< of the deque, as a sentence: `a deque that …`
  std::string (*found_by)();
  const char* says;  ///< part of what the case must say
};

constexpr specimen specimens[] = {
    {"lets_owner_and_thief_have_the_last_item",
     &found_where_they_overlap<lets_owner_and_thief_have_the_last_item, act::steal, act::pop>, "twice"},
    {"takes_the_last_item_without_asking",
     &found_where_it_stops<takes_the_last_item_without_asking, act::steal>, "twice"},
    {"copies_slots_rather_than_positions",
     &found_where_it_stops<copies_slots_rather_than_positions, act::push>, "never pushed"},
    {"loses_the_oldest_item_when_it_grows",
     &found_where_it_stops<loses_the_oldest_item_when_it_grows, act::push>, "never pushed"},
    {"compares_positions_that_overflow", &found_where_it_stops<compares_positions_that_overflow, act::steal>,
     "empty was answered"},
    {"reads_the_slot_after_taking_it", &found_where_it_stops<reads_the_slot_after_taking_it, act::steal>,
     "twice"},
    {"answers_empty_at_one_item", &found_where_it_stops<answers_empty_at_one_item, act::steal>,
     "empty was answered"},
    {"overwrites_what_thieves_have_not_taken",
     &found_where_it_stops<overwrites_what_thieves_have_not_taken, act::push>, "twice"},
    {"skips_an_item_of_the_half", &found_where_it_stops<skips_an_item_of_the_half, act::steal_half>, "twice"},
    {"takes_fewer_than_it_copied", &found_where_it_stops<takes_fewer_than_it_copied, act::steal_half>,
     "twice"},
    {"takes_more_than_half", &found_where_it_stops<takes_more_than_half, act::steal_half>, "not half"},
    {"counts_its_positions_modulo_its_slots",
     &found_where_it_stops<counts_its_positions_modulo_its_slots, act::steal>, "twice"},
    {"accepts_one_item_too_many", &found_where_it_stops<accepts_one_item_too_many, act::push>, "twice"},
    {"fills_its_own_deque_too_early", &found_where_it_stops<fills_its_own_deque_too_early, act::steal_half>,
     "twice"},
    {"hands_a_block_out_in_the_same_round",
     &found_where_blocks_of_two_stop<hands_a_block_out_in_the_same_round, act::steal>, "twice"},
    {"fills_a_block_that_thieves_have_not_drained",
     &found_where_blocks_of_two_stop<fills_a_block_that_thieves_have_not_drained, act::push>, "twice"},
    {"forgets_what_thieves_took_from_a_block",
     &found_where_blocks_of_two_stop<forgets_what_thieves_took_from_a_block, act::steal>, "twice"},
    {"says_nothing_of_what_its_owner_has",
     &found_where_blocks_of_two_stop<says_nothing_of_what_its_owner_has, act::steal>, "empty was answered"},
    {"does_not_see_that_a_block_was_handed_out",
     &found_where_blocks_of_two_stop<does_not_see_that_a_block_was_handed_out, act::steal>,
     "empty was answered"},
    {"counts_its_box_back", &found_where_it_stops<counts_its_box_back, act::steal>, "twice"},
    {"puts_a_second_item_into_the_box", &found_where_it_stops<puts_a_second_item_into_the_box, act::steal>,
     "lost"},
    {"keeps_what_it_gives_away", &found_where_it_stops<keeps_what_it_gives_away, act::push>, "twice"},
    {"leaves_an_item_in_the_box", &found_where_it_stops<leaves_an_item_in_the_box, act::steal>,
     "empty was answered"},
};

/// Of the searchers of a pool.
constexpr specimen parking_specimens[] = {
    {"gives_no_place_back", &a_search_that_is_over_keeps_nobody_from_searching<gives_no_place_back>,
     "refused"},
    {"counts_who_may_not_search",
     &a_search_that_was_refused_keeps_nobody_from_searching<counts_who_may_not_search>, "refused"},
    {"lets_everybody_search", &half_of_the_consumers_search_at_once<lets_everybody_search>, "three of four"},
    {"lets_one_search", &half_of_the_consumers_search_at_once<lets_one_search>, "only one"},
    {"wakes_nobody_after_a_find", &who_found_one_of_two_wakes_the_next<wakes_nobody_after_a_find>,
     "nobody was woken"},
    {"does_not_look_again", &what_comes_during_a_search_is_not_slept_through<does_not_look_again>,
     "nobody was woken"},
    {"looks_again_before_it_leaves",
     &what_comes_during_a_search_is_not_slept_through<looks_again_before_it_leaves>, "nobody was woken"},
    {"says_that_nobody_searches", &who_spawns_during_a_search_wakes_nobody<says_that_nobody_searches>,
     "was woken"},
};

/// Of a pool and of the layering, by which a join ends.
constexpr specimen joining_specimens[] = {
    {"says_that_it_holds_what_was_stolen",
     &who_says_it_holds_items_does<
         says_that_it_holds_what_was_stolen<std::uint64_t, growable_deque, searchers>>,
     "that was stolen"},
    {"asks_before_it_counts",
     &an_item_finished_while_it_is_known_ends_the_join<
         support::counted_asks_before_it_counts<support::park, store_buffer>>,
     "sleeps on"},
    {"asks_before_it_fences",
     &an_item_finished_while_it_is_known_ends_the_join<
         support::counted_asks_before_it_fences<support::park, store_buffer>>,
     "sleeps on"},
    {"asks_without_a_fence",
     &an_item_finished_while_it_is_known_ends_the_join<
         support::counted_asks_without_a_fence<support::park, store_buffer>>,
     "sleeps on"},
    {"leaves_every_sum_to_others",
     &an_item_finished_while_it_is_known_ends_the_join<
         support::counted_leaves_every_sum_to_others<support::park, store_buffer>>,
     "sleeps on"},
};

/// Of the slot by which a coroutine is cancelled.
using namespace stealing::detail;
constexpr specimen cancelling_specimens[] = {
    {"tells_a_request_again",
     &a_request_before_an_operation_is_told_once<basic_tells_a_request_again<scripted_steps>>, "told twice"},
    {"keeps_what_it_has_told", &a_request_that_wakes_is_used_up<basic_keeps_what_it_has_told<scripted_steps>>,
     "told twice"},
    {"drops_what_comes_too_late",
     &a_request_that_comes_too_late_is_kept<basic_drops_what_comes_too_late<scripted_steps>>, "was lost"},
    {"lets_two_cancel_at_once",
     &two_requests_at_once_cancel_an_operation_once<basic_lets_two_cancel_at_once<scripted_steps>>,
     "told twice"},
    {"begins_over_a_request",
     &a_beginning_beside_a_request_loses_none<basic_begins_over_a_request<scripted_steps>>, "was lost"},
    {"gives_up_where_an_operation_begins",
     &a_request_beside_a_beginning_is_not_lost<basic_gives_up_where_an_operation_begins<scripted_steps>>,
     "was lost"},
    {"ends_during_a_cancellation",
     &what_is_over_is_not_touched<basic_ends_during_a_cancellation<scripted_steps>>, "after its end"},
    {"says_too_early_that_it_has_cancelled",
     &what_is_over_is_not_touched<basic_says_too_early_that_it_has_cancelled<scripted_steps>>,
     "after its end"},
    {"cancels_what_it_saw_before",
     &what_is_over_is_not_touched<basic_cancels_what_it_saw_before<scripted_steps>>, "after its end"},
};

class found final : public testing_support::guarded {
 public:
  explicit found(const specimen& what) : what_(&what) {}
  void TestBody() override {
    const std::string finding = what_->found_by();
    EXPECT_NE(finding.find(what_->says), std::string::npos) << "found: " << finding;
  }

 private:
  const specimen* what_;
};

/// Orderings that are too weak by one step: a processor that orders stores by itself forgives that, and so
/// does every case that only counts. Only ThreadSanitizer can tell; it ends the program.
template <template <class, class> class Deque>
void show_the_race() {
  every_meeting<Deque<payload*, scripted_steps>>();
  std::exit(0);
}

template <template <class, class, std::size_t> class Deque>
void show_the_race_of_blocks() {
  every_meeting<Deque<payload*, scripted_steps, 2>>();
  std::exit(0);
}

template <class Slot>
void show_the_race_of_a_slot() {
  std::exit(every_touch_is_ordered<Slot>() == 3 ? 0 : 1);
}

struct weak_specimen {
  const char* name;
  void (*show)();
};

constexpr weak_specimen weak_specimens[] = {
    {"publishes_an_item_relaxed", &show_the_race<publishes_an_item_relaxed>},
    {"publishes_a_block_relaxed", &show_the_race_of_blocks<publishes_a_block_relaxed>},
    {"publishes_its_box_relaxed", &show_the_race<publishes_its_box_relaxed>},
    {"publishes_in_its_ring_relaxed", &show_the_race<publishes_in_its_ring_relaxed>},
    {"publishes_the_grown_array_relaxed", &show_the_race<publishes_the_grown_array_relaxed>},
};

constexpr weak_specimen weak_slots[] = {
    {"begins_relaxed", &show_the_race_of_a_slot<begins_relaxed>},
    {"leaves_an_operation_relaxed", &show_the_race_of_a_slot<leaves_an_operation_relaxed>},
};

class races final : public ::testing::Test {
 public:
  explicit races(const weak_specimen& what) : what_(&what) {}
  void TestBody() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(what_->show(), ::testing::ExitedWithCode(66), "data race");
  }

 private:
  const weak_specimen* what_;
};

template <class Test, class Specimens>
void register_all(const Specimens& specimens, const char* suite = "finds_a_deque_that") {
  for (const auto& s : specimens)
    ::testing::RegisterTest(suite, s.name, nullptr, nullptr, __FILE__, __LINE__,
                            [&s]() -> ::testing::Test* { return new Test(s); });
}

const bool registered = [] {
  register_all<found>(specimens);
  register_all<found>(parking_specimens, "finds_searchers_of_which_one");
  register_all<found>(joining_specimens, "finds_a_join_that");
  register_all<found>(cancelling_specimens, "finds_a_slot_that");
  if (testing_support::finds_data_races) {
    register_all<races>(weak_specimens);
    register_all<races>(weak_slots, "finds_a_slot_that");
  }
  return true;
}();

}  // namespace
}  // namespace handoff::stealing_tests
