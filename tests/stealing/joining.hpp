// A join that sleeps while consumers mark items, as schedules on one thread: what a consumer is asked about
// its own items is the moment at which others act.
//
// Each case is a function of the class that it examines: with the one that is shipped it finds nothing, with
// a mutant it says what went wrong.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/support/participants.hpp"
#include "queues/support/wait_policy.hpp"

namespace handoff::stealing_tests {

/// A consumer that marks one of two items knows of the other, which is finished before it has said so. Then
/// the one that finishes it wakes the joiner.
template <class Completion>
std::string an_item_finished_while_it_is_known_ends_the_join() {
  support::participant_list everybody;
  Completion completion;
  support::participant &first = everybody.take(), &second = everybody.take();
  support::count(first.push_steps, 4);  // two pushes
  std::thread joiner([&] { completion.join(everybody); });
  while (!completion.has_joiners()) std::this_thread::yield();
  std::uint64_t mine = 1, other = 1;
  completion.task_done(first, mine, everybody, [&] {
    completion.task_done(second, other, everybody);
    return true;  // what it saw before that
  });
  const bool sleeps_on = completion.has_joiners();
  if (sleeps_on) completion.look_for_joiners(everybody, [] { return false; });
  joiner.join();
  return sleeps_on ? "both items are done, and the joiner sleeps on" : "";
}

template <class T>
using growable_deque = stealing::chase_lev_deque<T>;

/// `Pool` of 64-bit items.
template <class Pool>
std::string who_says_it_holds_items_does() {
  Pool queue("examined", 0);
  auto owner = queue.consumer(), thief = queue.consumer();
  std::uint64_t item = 0;
  if (owner.holds_items()) return "it holds items before it has made one";
  owner.spawn(1);
  if (!owner.holds_items()) return "it holds no items after it has made one";
  if (thief.holds_items()) return "it holds what is another's";
  if (thief.try_pop(item) != op_status::success) return "an item was lost";
  return owner.holds_items() ? "it holds an item that was stolen" : "";
}

}  // namespace handoff::stealing_tests
