// The parking of a pool's consumers, as schedules on one thread: in the middle of a search, others act.
//
// Each case is a function of the searchers (queues/stealing/searchers.hpp): with those that are shipped it
// finds nothing, with a mutant it says what went wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/stealing/pool.hpp"
#include "queues/support/layered.hpp"

namespace handoff::stealing_tests {

/// What the calling thread does after its next looks at a deque, the first of them being number 0.
struct looks {
  static inline thread_local std::size_t seen = 0;
  static inline thread_local std::size_t until = 0;
  static inline thread_local std::function<void()> act;  // null: nothing

  /// After look number `look` from now on, the calling thread does `what`, once.
  static void script(std::size_t look, std::function<void()> what) {
    seen = 0;
    until = look;
    act = std::move(what);
  }
  /// Whether it has not come to that; it will not.
  static bool left_over() { return std::exchange(act, nullptr) != nullptr; }

  static void pass() {
    if (!act || seen++ != until) return;
    const auto now = std::exchange(act, nullptr);
    now();
  }
};

/// The deque of stealing_pool, whose thieves stop after each look at it.
template <class T>
class watched_deque : public stealing::chase_lev_deque<T> {
 public:
  [[nodiscard]] bool looks_empty() const noexcept {
    const bool empty = stealing::chase_lev_deque<T>::looks_empty();
    looks::pass();
    return empty;
  }
};

template <class Searchers>
class watched_pool : public stealing::pool<std::uint64_t, watched_deque, Searchers> {
 public:
  using value_type = std::uint64_t;
  static constexpr backend_traits traits =
      stealing::pool_traits("watched_pool", "a pool whose searches can be interrupted", "none");
  explicit watched_pool(std::size_t reserve)
      : stealing::pool<std::uint64_t, watched_deque, Searchers>(traits.name, reserve) {}
};

/// A way of waiting under which some consumer always sleeps. It does not exist; its wake-ups are counted.
struct recorded {
  static constexpr wait_kind kind = wait_kind::park;
  static constexpr bool parks = false;
  static inline thread_local unsigned wake_ups = 0;

  struct signal {
    static void notify_one() noexcept { ++wake_ups; }
    template <class Wanted>
    static void notify_one_if(Wanted wanted) {
      if (wanted()) ++wake_ups;
    }
    static void notify_all() noexcept { ++wake_ups; }
  };
};

template <class Searchers>
using watched = support::layered<watched_pool<Searchers>, recorded>;

template <class Consumer>
bool takes_one(Consumer& consumer) {
  std::uint64_t item = 0;
  return consumer.try_pop(item) == op_status::success;
}

/// One look after the other, until a search has fewer.
template <class Case>
std::string at_every_look(Case one) {
  std::string finding;
  bool reached = true;
  for (std::size_t look = 0; reached && finding.empty(); ++look) finding = one(look, reached);
  return finding;
}

template <class Searchers>
std::string a_search_that_is_over_keeps_nobody_from_searching() {
  watched<Searchers> queue(0);
  auto a = queue.consumer(), b = queue.consumer();
  if (takes_one(a)) return "an item came from nowhere";
  b.spawn(1);
  return takes_one(a) ? "" : "nobody searches, and a search was refused";
}

template <class Searchers>
std::string a_search_that_was_refused_keeps_nobody_from_searching() {
  watched<Searchers> queue(0);
  auto a = queue.consumer(), b = queue.consumer();
  looks::script(0, [&] { takes_one(b); });
  takes_one(a);
  b.spawn(1);
  return takes_one(a) ? "" : "nobody searches, and a search was refused";
}

/// What is spawned while another searches is found, or wakes a sleeper.
template <class Searchers>
std::string what_comes_during_a_search_is_not_slept_through() {
  return at_every_look([](std::size_t look, bool& reached) -> std::string {
    watched<Searchers> queue(0);
    auto a = queue.consumer(), b = queue.consumer();
    recorded::wake_ups = 0;
    looks::script(look, [&] { b.spawn(1); });
    const bool found = takes_one(a);
    reached = !looks::left_over();
    return reached && !found && recorded::wake_ups == 0 ? "nobody found the item, and nobody was woken" : "";
  });
}

template <class Searchers>
std::string who_found_one_of_two_wakes_the_next() {
  return at_every_look([](std::size_t look, bool& reached) -> std::string {
    watched<Searchers> queue(0);
    auto a = queue.consumer(), b = queue.consumer();
    recorded::wake_ups = 0;
    looks::script(look, [&] {
      b.spawn(1);
      b.spawn(2);
    });
    takes_one(a);
    reached = !looks::left_over();
    return reached && recorded::wake_ups == 0 ? "an item is left, and nobody was woken" : "";
  });
}

/// While one searches, what is spawned wakes nobody: it will be found.
template <class Searchers>
std::string who_spawns_during_a_search_wakes_nobody() {
  watched<Searchers> queue(0);
  auto a = queue.consumer(), b = queue.consumer();
  recorded::wake_ups = 0;
  unsigned woken = 0;
  looks::script(0, [&] {
    b.spawn(1);
    woken = recorded::wake_ups;
  });
  takes_one(a);
  return woken == 0 ? "" : "a sleeper was woken although somebody searches";
}

/// Four consumers, each of which begins a search in the middle of the last one's.
template <class Searchers>
std::string half_of_the_consumers_search_at_once() {
  watched<Searchers> queue(0);
  auto a = queue.consumer(), b = queue.consumer(), c = queue.consumer();
  const auto d = queue.consumer();
  bool second = false, third = false;
  looks::script(0, [&] {
    looks::script(0, [&] {
      second = true;
      looks::script(0, [&] { third = true; });
      takes_one(c);
      looks::left_over();
    });
    takes_one(b);
    looks::left_over();
  });
  takes_one(a);
  if (!second) return "only one of four could search";
  return third ? "three of four searched at once" : "";
}

}  // namespace handoff::stealing_tests
