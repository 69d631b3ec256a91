// What is seen where no value shows it. A thief stops at each of its steps while the owner acts; the two keep
// their order by relaxed steps, so that nothing but the deque orders what they read and write, and
// ThreadSanitizer, which judges here, sees every missing pair in every run.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <thread>

#include "queues/stealing/deque.hpp"
#include "tests/stealing/race.hpp"
#include "tests/stealing/scripted_steps.hpp"
#include "tests/stealing/small_deque.hpp"

namespace handoff::stealing_tests {

/// A number that one thread sets and another waits for. Relaxed: orders nothing, that is the test.
class signal_without_order {
 public:
  void give() noexcept { given_.store(true, std::memory_order_relaxed); }
  void await() const noexcept {
    while (!given_.load(std::memory_order_relaxed)) std::this_thread::yield();
  }

 private:
  std::atomic<bool> given_{false};
};

/// The owner pushes `items`, of which a thief takes or wants the first; then it steals up to step `step`, the
/// owner does `meanwhile`, the thief goes on. False: the thief has fewer steps.
template <class Deque>
bool meet(unsigned items, std::size_t step, std::span<const act> meanwhile) {
  std::deque<payload> payloads;
  Deque deque(2);
  signal_without_order one_is_there, asked, pushed, stopped, go_on;
  bool reached = false;
  std::thread thief([&] {
    payload* item = nullptr;
    one_is_there.await();
    if (deque.steal(item) == steal_status::item) ++item->taken;
    asked.give();
    pushed.await();
    {
      const script pause(step, [&] {
        stopped.give();
        go_on.await();
      });
      if (deque.steal(item) == steal_status::item) ++item->taken;
      reached = pause.reached();
    }
    stopped.give();
    if (deque.steal(item) == steal_status::item) ++item->taken;
  });
  const auto push = [&] { deque.push(&payloads.emplace_back(payload{.value = payloads.size()})); };
  for (unsigned i = 0; i < items; ++i) {
    push();
    if (i != 0) continue;
    one_is_there.give();
    asked.await();
  }
  one_is_there.give();
  pushed.give();
  stopped.await();
  payload* item = nullptr;
  for (const act a : meanwhile) {
    if (a == act::push) push();
    if (a == act::pop && deque.pop(item)) ++item->taken;
  }
  go_on.give();
  thief.join();
  return reached;
}

template <class Deque>
void every_meeting() {
  constexpr act push = act::push, pop = act::pop;
  constexpr std::array sequences = {std::array{push, push, push, push}, std::array{push, push, pop, pop},
                                    std::array{pop, push, push, pop}, std::array{pop, pop, push, push}};
  for (const auto& meanwhile : sequences)
    for (unsigned items = 0; items <= 4; ++items)
      for (std::size_t length = 1; length <= meanwhile.size(); ++length)
        for (std::size_t step = 0; meet<Deque>(items, step, std::span(meanwhile).first(length)); ++step) {
        }
}

}  // namespace handoff::stealing_tests
