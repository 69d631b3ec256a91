// One owner and several thieves at once: every item is taken exactly once, with what its owner wrote into it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/seed.hpp"

namespace handoff::stealing_tests {

/// Plain: nothing but the deque orders who writes and who reads it.
struct payload {
  std::uint64_t value = 0;
  unsigned taken = 0;
};

using stealing::steal_status;

template <class Deque>
class race {
 public:
  static constexpr unsigned thieves = 3;

  race(std::size_t items, std::size_t capacity, first_position first)
      : payloads_(items), deque_(capacity, first) {}

  /// A thread's part; number 0 is the owner.
  void take_part(unsigned index, testing_support::random_source random) {
    if (index == 0)
      own(random);
    else
      rob(random);
  }

  [[nodiscard]] std::string finding() const {
    for (std::size_t i = 0; i < payloads_.size(); ++i)
      if (payloads_[i].taken != 1)
        return "item " + std::to_string(i) + " was taken " + std::to_string(payloads_[i].taken) + " times";
    return wrong_.load(std::memory_order_relaxed) ? "an item came without its contents" : "";
  }

 private:
  void own(testing_support::random_source& random) {
    std::size_t next = 0;
    payload* item = nullptr;
    while (next < payloads_.size()) {
      for (std::uint64_t burst = random.below(6); burst != 0 && next < payloads_.size(); --burst) {
        payloads_[next].value = next;
        if (!deque_.push(&payloads_[next])) take(payloads_[next]);
        ++next;
      }
      for (std::uint64_t burst = random.below(6); burst != 0 && deque_.pop(item); --burst) take(*item);
      testing_support::take_turns(random);
    }
    while (deque_.pop(item)) take(*item);
    over_.store(true, std::memory_order_relaxed);  // a sign: nothing is read through it
  }

  void rob(testing_support::random_source& random) {
    Deque own(deque_capacity);
    payload* item = nullptr;
    for (;;) {
      const bool over = over_.load(std::memory_order_relaxed);  // before the last look
      const auto status = attempt(own, item, random);
      if (status == steal_status::item) {
        take(*item);
        while (own.pop(item)) take(*item);
      } else if (over && status == steal_status::empty) {
        return;
      }
      testing_support::take_turns(random);
    }
  }

  steal_status attempt(Deque& own, payload*& item, testing_support::random_source& random) {
    if constexpr (stealing::halving_deque<Deque>)
      if (random.below(2) == 0) return deque_.steal_half(own, item);
    return deque_.steal(item);
  }

  void take(payload& item) {
    if (item.value != static_cast<std::uint64_t>(&item - payloads_.data()))
      wrong_.store(true, std::memory_order_relaxed);  // read when all threads are done
    ++item.taken;
  }

  static constexpr std::size_t deque_capacity = 64;
  std::vector<payload> payloads_;
  Deque deque_;
  std::atomic<bool> over_{false};
  std::atomic<bool> wrong_{false};
};

}  // namespace handoff::stealing_tests
