# handoff_mutant(HEADER NAME OLD NEW [OLD NEW]…): the class of queues/stealing/HEADER.hpp as NAME, with each OLD, which
# must stand there exactly once, replaced by its NEW. A HEADER of another folder is written as FOLDER/HEADER.
function(handoff_mutant header name)
  if(NOT header MATCHES "/")
    set(header "stealing/${header}")
  endif()
  set(path "${PROJECT_SOURCE_DIR}/queues/${header}.hpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(READ "${path}" text)
  set(index 2)
  while(index LESS ARGC)
    math(EXPR other "${index} + 1")
    set(old "${ARGV${index}}")
    string(FIND "${text}" "${old}" first)
    string(FIND "${text}" "${old}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
      message(FATAL_ERROR "mutant ${name}: queues/${header}.hpp must have this text exactly once: ${old}")
    endif()
    string(REPLACE "${old}" "${ARGV${other}}" text "${text}")
    math(EXPR index "${index} + 2")
  endwhile()
  get_filename_component(word "${header}" NAME)
  string(REPLACE "${word}" "${name}" text "${text}")
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}.hpp" CONTENT "${text}")
  set_property(GLOBAL APPEND PROPERTY HANDOFF_MUTANTS ${name})
endfunction()

# handoff_add_mutants(TARGET): all of them, as the header mutants.hpp.
function(handoff_add_mutants target)
  get_property(names GLOBAL PROPERTY HANDOFF_MUTANTS)
  list(TRANSFORM names REPLACE "(.+)" "#include \"\\1.hpp\"" OUTPUT_VARIABLE includes)
  list(JOIN includes "\n" includes)
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/mutants/mutants.hpp" CONTENT "#pragma once\n${includes}\n")
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/mutants")
endfunction()

handoff_mutant(chase_lev_deque lets_owner_and_thief_have_the_last_item
  [[      if (won) item = last;]]
  [[      item = last;
      won = true;]])
handoff_mutant(chase_lev_deque takes_the_last_item_without_asking
  [[    if (left > 0) {]] [[    if (left >= 0) {]])
handoff_mutant(chase_lev_deque copies_slots_rather_than_positions
  [[grown->put(at, slots->get(at))]] [[grown->put(at & (slots->size() - 1), slots->get(at))]])
handoff_mutant(chase_lev_deque loses_the_oldest_item_when_it_grows
  [[for (std::uint64_t at = top_seen_;]] [[for (std::uint64_t at = top_seen_ + 1;]])
handoff_mutant(chase_lev_deque compares_positions_that_overflow
  [[    if (distance(top, bottom) <= 0) return steal_status::empty;]]
  [[    if (bottom <= top) return steal_status::empty;]])
handoff_mutant(chase_lev_deque reads_the_slot_after_taking_it
  [[    const T found = slots->get(top);
    Steps::pass();
]] [[]]
  [[    item = found;]]
  [[    Steps::pass();
    item = slots->get(top);]])
handoff_mutant(chase_lev_deque answers_empty_at_one_item
  [[    if (distance(top, bottom) <= 0) return steal_status::empty;]]
  [[    if (distance(top, bottom) <= 1) return steal_status::empty;]])
handoff_mutant(chase_lev_deque overwrites_what_thieves_have_not_taken
  [[    if (bottom - top_seen_ < slots->size()) return slots;]]
  [[    if (bottom - top_seen_ <= slots->size()) return slots;]])
handoff_mutant(chase_lev_deque publishes_an_item_relaxed
  [[    bottom_.store(bottom + 1, std::memory_order_release);  // (4) partner: (5): the item and what it points to]]
  [[    bottom_.store(bottom + 1, std::memory_order_relaxed);]])
handoff_mutant(chase_lev_deque publishes_the_grown_array_relaxed
  [[    array_.store(grown, std::memory_order_release);]]
  [[    array_.store(grown, std::memory_order_relaxed);]])

handoff_mutant(bounded_deque skips_an_item_of_the_half
  [[own.put(to + i, get(head + 1 + i))]] [[own.put(to + i, get(head + 2 + i))]])
handoff_mutant(bounded_deque takes_fewer_than_it_copied
  [[    if (!take(head, 1 + more)) return steal_status::lost;]]
  [[    if (!take(head, 1)) return steal_status::lost;]])
handoff_mutant(bounded_deque takes_more_than_half
  [[std::min(there - there / 2 - 1, room)]] [[std::min(there - 1, room)]])
handoff_mutant(bounded_deque counts_its_positions_modulo_its_slots
  [[    return head_.compare_exchange_strong(head, head + items, std::memory_order_release,
                                         std::memory_order_relaxed);]]
  [[    std::uint64_t now = head_.load(std::memory_order_relaxed);
    return (now - head) % (mask_ + 1) == 0 &&
           static_cast<std::int64_t>(tail_.load(std::memory_order_relaxed) - now - items) >= 0 &&
           head_.compare_exchange_strong(now, now + items, std::memory_order_release);]])
handoff_mutant(bounded_deque accepts_one_item_too_many
  [[    if (tail - head_seen_ > mask_ && room(tail) == 0) return false;]]
  [[    if (tail - head_seen_ > mask_ + 1) return false;]])
handoff_mutant(bounded_deque fills_its_own_deque_too_early
  [[    if (!take(head, 1 + more)) return steal_status::lost;]]
  [[    own.tail_.store(to + more, std::memory_order_release);
    if (!take(head, 1 + more)) return steal_status::lost;]])
handoff_mutant(bounded_deque publishes_in_its_ring_relaxed
  [[    tail_.store(tail + 1, std::memory_order_release);]] [[    tail_.store(tail + 1, std::memory_order_relaxed);]])

handoff_mutant(block_deque hands_a_block_out_in_the_same_round
  [[state{before.round + 1, begin(), until}]] [[state{before.round, begin(), until}]])
handoff_mutant(block_deque fills_a_block_that_thieves_have_not_drained
  [[    if (!state(states_[(top_ + 1) & mask_].load(std::memory_order_acquire)).drained()) return false;]] [[]])
handoff_mutant(block_deque forgets_what_thieves_took_from_a_block
  [[    begin_.store(left.first, std::memory_order_release);]] [[    begin_.store(0, std::memory_order_release);]])
handoff_mutant(block_deque says_nothing_of_what_its_owner_has
  [[    if (end == begin && changes ==]] [[    if (end >= begin && changes ==]])
handoff_mutant(block_deque does_not_see_that_a_block_was_handed_out
  [[    if (end == begin && changes == changes_.load(std::memory_order_relaxed))]] [[    if (end == begin && changes + 9 > changes)]])
handoff_mutant(block_deque publishes_a_block_relaxed
  [[    states_[top_ & mask_].store(state{before.round + 1, begin(), until}.word(), std::memory_order_release);]]
  [[    states_[top_ & mask_].store(state{before.round + 1, begin(), until}.word(), std::memory_order_relaxed);]])

handoff_mutant(private_deque counts_its_box_back
  [[compare_exchange_strong(box, box + 1,]] [[compare_exchange_strong(box, box - 1,]])
handoff_mutant(private_deque puts_a_second_item_into_the_box
  [[    if (box % 2 != 0) return;
]] [[    if (box % 2 != 0 && size == 0) return;
]])
handoff_mutant(private_deque keeps_what_it_gives_away
  [[    ++oldest_;
    size_.store(size - 1, std::memory_order_release);  // (4) partner: (5)
    handed_out_]] [[    handed_out_]])
handoff_mutant(private_deque leaves_an_item_in_the_box
  [[    if (size == 0) return take_back(item);]] [[    if (size == 0) return false;]])
handoff_mutant(private_deque publishes_its_box_relaxed
  [[    box_.store(box + 1, std::memory_order_release);]] [[    box_.store(box + 1, std::memory_order_relaxed);]])

handoff_mutant(searchers gives_no_place_back
  [[number_.fetch_sub(1, std::memory_order_acq_rel) != 1]] [[number_.load(std::memory_order_relaxed) != 1]])
handoff_mutant(searchers counts_who_may_not_search
  [[      if (now >= most) return false;]] [[      if (now >= most) return number_.fetch_add(1) == most + 64;]])
handoff_mutant(searchers lets_everybody_search
  [[      if (now >= most) return false;]] [[      if (now >= most + 64) return false;]])
handoff_mutant(searchers lets_one_search
  [[std::max(workers / 2, std::uint32_t{1})]] [[std::min(workers, std::uint32_t{1})]])
handoff_mutant(searchers wakes_nobody_after_a_find
  [[      if (found) return last ? outcome::found_last : outcome::found;]] [[      if (found) return outcome::found;]])
handoff_mutant(searchers does_not_look_again
  [[      if (!last || nothing_there()) break;]] [[      if (nothing_there() || !found) break;]])
handoff_mutant(searchers looks_again_before_it_leaves
  [[      const bool last = leave();]] [[      const bool nothing = nothing_there();
      const bool last = leave();]]
  [[      if (!last || nothing_there()) break;]] [[      if (!last || nothing) break;]])
handoff_mutant(searchers says_that_nobody_searches
  [[    return number_.load(std::memory_order_relaxed) != 0;]] [[    return number_.load(std::memory_order_relaxed) == ~0U;]])

handoff_mutant(pool says_that_it_holds_what_was_stolen
  [[return !self_->deque.looks_empty(); }]] [[return self_->pushed.load() != self_->taken.load(); }]])

handoff_mutant(support/completion asks_before_it_counts
  [[    Steps::count(self.done);  // before it asks: who finishes what is known adds this one up
    look_for_joiners(everybody, knows_more);]]
  [[    const bool more = knows_more();
    Steps::count(self.done);
    look_for_joiners(everybody, [&] { return more; });]])
handoff_mutant(support/completion asks_before_it_fences
  [[        Steps::full_fence();
        if (!knows_more() && settled]]
  [[        const bool more = knows_more();
        Steps::full_fence();
        if (!more && settled]])
handoff_mutant(support/completion asks_without_a_fence
  [[        Steps::full_fence();
]] [[]])
handoff_mutant(support/completion leaves_every_sum_to_others
  [[operator()() const noexcept { return false; }]] [[operator()() const noexcept { return true; }]])

handoff_mutant(stealing/detail/cancel_slot tells_a_request_again
  [[    state_.store(idle, std::memory_order_relaxed);  // it was `requested`, and stays so for everybody else
]] [[]])
handoff_mutant(stealing/detail/cancel_slot keeps_what_it_has_told
  [[state_.store(waited ? idle : requested,]] [[state_.store(waited ? requested : requested,]])
handoff_mutant(stealing/detail/cancel_slot drops_what_comes_too_late
  [[state_.store(waited ? idle : requested,]] [[state_.store(waited ? idle : idle,]])
handoff_mutant(stealing/detail/cancel_slot lets_two_cancel_at_once
  [[found == idle ? requested : busy,]] [[found == idle ? requested : found,]])
handoff_mutant(stealing/detail/cancel_slot begins_over_a_request
  [[    if (state_.compare_exchange_strong(found, number_of(operation), std::memory_order_release,
                                       std::memory_order_relaxed))
      return true;]]
  [[    found = state_.load(std::memory_order_relaxed);
    Steps::pass();
    if (found == idle) {
      state_.store(number_of(operation), std::memory_order_release);
      return true;
    }]])
handoff_mutant(stealing/detail/cancel_slot gives_up_where_an_operation_begins
  [[        continue;]] [[        return;]])
handoff_mutant(stealing/detail/cancel_slot ends_during_a_cancellation
  [[      if (found != busy) return;
      Steps::pass();
      std::this_thread::yield();  // the other thread has to do one step]] [[      return;]])
handoff_mutant(stealing/detail/cancel_slot says_too_early_that_it_has_cancelled
  [[      Steps::pass();
      const bool waited = operation.cancel(operation);
      Steps::pass();
      state_.store(waited ? idle : requested, std::memory_order_release);  // (4) partner: (2)]]
  [[      state_.store(idle, std::memory_order_release);
      Steps::pass();
      if (!operation.cancel(operation)) state_.store(requested, std::memory_order_release);]])
handoff_mutant(stealing/detail/cancel_slot cancels_what_it_saw_before
  [[      if (!state_.compare_exchange_weak(found, found == idle ? requested : busy, std::memory_order_acquire,
                                        std::memory_order_relaxed))
        continue;]]
  [[      state_.store(found == idle ? requested : busy, std::memory_order_release);]])
handoff_mutant(stealing/detail/cancel_slot begins_relaxed
  [[found, number_of(operation), std::memory_order_release,]] [[found, number_of(operation), std::memory_order_relaxed,]])
handoff_mutant(stealing/detail/cancel_slot leaves_an_operation_relaxed
  [[requested, std::memory_order_release);  // (4) partner: (2)]] [[requested, std::memory_order_relaxed);]])
