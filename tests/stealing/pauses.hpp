// Every schedule in which one thread stands still once: in the middle of an operation, at each of its steps,
// the others do every short sequence of operations. They run on the same thread, so a schedule is repeated
// exactly, on any machine. And every one in which two operations overlap, on two threads that take turns.
// Such schedules are sequentially consistent: orderings.hpp has the rest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <semaphore>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/stealing/scripted_steps.hpp"
#include "tests/stealing/small_deque.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::stealing_tests {

/// How long a sequence is at most. Three slots are drained and used again in six operations.
inline constexpr std::size_t longest_interruption = testing_support::slowdown == 1 ? 6 : 5;

inline std::string words(std::span<const act> acts) {
  constexpr std::array names{"push", "pop", "steal", "steal_half"};
  std::string all;
  for (const act a : acts) all.append(" ").append(names[static_cast<std::size_t>(a)]);
  return all;
}

/// What others may do while `outer` is under way. The owner is one thread, thieves are many.
template <class Deque>
std::vector<act> others(act outer) {
  std::vector<act> may{act::steal};
  if (outer == act::steal || outer == act::steal_half) may.insert(may.end(), {act::push, act::pop});
  if constexpr (stealing::halving_deque<Deque>)
    if (outer == act::push || outer == act::pop) may.push_back(act::steal_half);
  return may;
}

struct situation {
  std::size_t capacity;
  first_position first;
  unsigned items;
  bool wanted;  ///< a thief comes when the first item is there: it takes it, or asks for more
};

template <class Deque>
void arrange(small_deque<Deque>& deque, const situation& as) {
  for (unsigned i = 0; i < as.items; ++i) {
    deque.perform(act::push);
    if (i == 0 && as.wanted) deque.perform(act::steal);
  }
}

/// One schedule. `reached`: whether the operation has as many steps.
template <class Deque>
std::string one_pause(const situation& before, act outer, std::size_t step, std::span<const act> meanwhile,
                      bool& reached) {
  small_deque<Deque> deque(before.capacity, before.first);
  arrange(deque, before);
  {
    const script pause(step, [&] {
      for (const act a : meanwhile) deque.perform(a);
    });
    deque.perform(outer);
    reached = pause.reached();
  }
  const std::string finding = deque.finding();
  if (finding.empty()) return {};
  return finding + ":" + words({&outer, 1}) + " stops at step " + std::to_string(step) + " with " +
         std::to_string(before.items) + " items" + (before.wanted ? ", after a steal" : "") +
         ", and meanwhile" + words(meanwhile);
}

/// All sequences of one length at each step of `outer`.
template <class Deque>
std::string pauses_of_length(const situation& before, act outer, std::size_t length) {
  const std::vector<act> alphabet = others<Deque>(outer);
  std::size_t sequences = 1;
  for (std::size_t i = 0; i < length; ++i) sequences *= alphabet.size();
  std::vector<act> meanwhile(length);
  bool reached = true;
  for (std::size_t step = 0; reached; ++step) {
    for (std::size_t n = 0; n < sequences && reached; ++n) {
      for (std::size_t i = 0, rest = n; i < length; ++i, rest /= alphabet.size())
        meanwhile[i] = alphabet[rest % alphabet.size()];
      auto finding = one_pause<Deque>(before, outer, step, meanwhile, reached);
      if (!finding.empty()) return finding;
    }
  }
  return {};
}

/// All of them, shortest first: what is wrong and how to see it; nothing if the deque is sound.
template <class Deque>
std::string every_pause(act outer) {
  constexpr first_position starts[] = {{0}, {std::numeric_limits<std::uint64_t>::max() - 2}};
  const std::size_t capacity = outer == act::steal_half ? 4 : 2;  // of which half is more than one
  for (std::size_t length = 0; length <= longest_interruption; ++length)
    for (const first_position first : starts)
      for (unsigned items = 0; items <= 4; ++items)
        for (const bool wanted : {false, true}) {
          auto finding = pauses_of_length<Deque>({capacity, first, items, wanted}, outer, length);
          if (!finding.empty()) return finding;
        }
  return {};
}

/// One schedule of two operations, of which neither is over when the other begins: `early` begins and stops
/// at `early_step`; `late` begins and stops at `late_step`; `early` ends; `late` ends.
template <class Deque>
std::string one_overlap(const situation& before, act early, std::size_t early_step, act late,
                        std::size_t late_step, bool& early_reached, bool& late_reached) {
  small_deque<Deque> deque(before.capacity, before.first);
  arrange(deque, before);
  std::binary_semaphore stopped{0}, go_on{0};
  std::thread first([&] {
    const script pause(early_step, [&] {
      stopped.release();
      go_on.acquire();
    });
    deque.perform(early);
    early_reached = pause.reached();
    if (!early_reached) stopped.release();
  });
  stopped.acquire();
  const auto end_early = [&] {
    go_on.release();
    first.join();
  };
  {
    const script pause(late_step, end_early);
    deque.perform(late);
    late_reached = pause.reached();
  }
  if (!late_reached) end_early();
  const std::string finding = deque.finding();
  if (finding.empty()) return {};
  return finding + ":" + words(std::array{early, late}) + " overlap at steps " + std::to_string(early_step) +
         " and " + std::to_string(late_step) + " with " + std::to_string(before.items) + " items";
}

/// All of them that begin like this.
template <class Deque>
std::string overlaps_from(const situation& before, act early, act late) {
  bool early_reached = true;
  for (std::size_t early_step = 0; early_reached; ++early_step) {
    bool late_reached = true;
    for (std::size_t late_step = 0; early_reached && late_reached; ++late_step) {
      auto finding =
          one_overlap<Deque>(before, early, early_step, late, late_step, early_reached, late_reached);
      if (!finding.empty()) return finding;
    }
  }
  return {};
}

template <class Deque>
std::string every_overlap(act early, act late) {
  for (unsigned items = 0; items <= 4; ++items)
    for (const bool wanted : {false, true}) {
      auto finding = overlaps_from<Deque>({2, {0}, items, wanted}, early, late);
      if (!finding.empty()) return finding;
    }
  return {};
}

}  // namespace handoff::stealing_tests
