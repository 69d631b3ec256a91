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

/// An owner and a thief, and how far they are.
template <class Deque>
class meeting {
 public:
  /// The owner pushes `items`, of which the thief takes or wants the first; then it steals up to step `step`,
  /// the owner does `meanwhile`, and the thief goes on. False: the thief has fewer steps.
  bool meet(unsigned items, std::size_t step, std::span<const act> meanwhile) {
    std::thread thief([this, step] { rob(step); });
    for (unsigned i = 0; i < items; ++i) {
      push();
      if (i != 0) continue;
      one_is_there_.give();
      asked_.await();
    }
    one_is_there_.give();
    pushed_.give();
    stopped_.await();
    payload* item = nullptr;
    for (const act a : meanwhile) {
      if (a == act::push) push();
      if (a == act::pop && deque_.pop(item)) ++item->taken;
    }
    go_on_.give();
    thief.join();
    return reached_;
  }

 private:
  void push() { deque_.push(&payloads_.emplace_back(payload{.value = payloads_.size()})); }

  void steal() {
    payload* item = nullptr;
    if (deque_.steal(item) == steal_status::item) ++item->taken;
  }

  void rob(std::size_t step) {
    one_is_there_.await();
    steal();
    asked_.give();
    pushed_.await();
    {
      const script pause(step, [this] {
        stopped_.give();
        go_on_.await();
      });
      steal();
      reached_ = pause.reached();
    }
    stopped_.give();
    steal();
  }

  std::deque<payload> payloads_;
  Deque deque_{2};
  signal_without_order one_is_there_, asked_, pushed_, stopped_, go_on_;
  bool reached_ = false;
};

template <class Deque>
void every_meeting() {
  constexpr act push = act::push, pop = act::pop;
  constexpr std::array sequences = {std::array{push, push, push, push}, std::array{push, push, pop, pop},
                                    std::array{pop, push, push, pop}, std::array{pop, pop, push, push}};
  for (const auto& meanwhile : sequences)
    for (unsigned items = 0; items <= 4; ++items)
      for (std::size_t length = 1; length <= meanwhile.size(); ++length)
        for (std::size_t step = 0; meeting<Deque>().meet(items, step, std::span(meanwhile).first(length));
             ++step) {
        }
}

}  // namespace handoff::stealing_tests
