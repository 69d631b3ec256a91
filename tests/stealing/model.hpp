// Operations by one thread, compared with a list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "tests/support/seed.hpp"

namespace handoff::stealing_tests {

template <class Deque>
class modelled {
 public:
  modelled(std::size_t capacity, first_position first) : deque_(capacity, first) {}

  /// Does operation number `index`. False: it differs from the model, `finding` says how.
  bool step(testing_support::random_source& random, unsigned pushes_in_ten) {
    const std::uint64_t choice = random.below(10);
    if (deque_.looks_empty() != model_.empty()) return differs("looks_empty");
    if (choice < pushes_in_ten) return push();
    return choice % 2 == 0 ? pop() : steal();
  }
  bool drained() {
    while (!model_.empty())
      if (!pop()) return false;
    return pop();
  }
  [[nodiscard]] const std::string& finding() const noexcept { return finding_; }

 private:
  bool differs(const char* what) {
    finding_ = std::string(what) + " differs with " + std::to_string(model_.size()) + " items inside";
    return false;
  }

  bool push() {
    if (deque_.push(next_)) {
      model_.push_back(next_++);
      return true;
    }
    if constexpr (!Deque::growable)
      if (model_.size() >= deque_.capacity() || Deque::asks_owner) return true;
    return differs("push");
  }

  bool pop() {
    std::uint64_t item = 0;
    if (deque_.pop(item) == model_.empty()) return differs("pop");
    if (model_.empty()) return true;
    if (item != (Deque::newest_first ? model_.back() : model_.front())) return differs("what pop takes");
    Deque::newest_first ? model_.pop_back() : model_.pop_front();
    return true;
  }

  bool steal() {
    std::uint64_t item = 0;
    const auto status = deque_.steal(item);
    if (status == stealing::steal_status::lost && Deque::asks_owner && !model_.empty()) return true;
    if ((status == stealing::steal_status::item) == model_.empty()) return differs("steal");
    if (model_.empty()) return true;
    if (item != model_.front()) return differs("what steal takes");
    model_.pop_front();
    return true;
  }

  Deque deque_;
  std::deque<std::uint64_t> model_;
  std::uint64_t next_ = 0;
  std::string finding_;
};

/// Phases in which the deque rather grows or rather shrinks.
template <class Deque>
std::string agrees_with_a_model(testing_support::random_source random, std::size_t capacity,
                                first_position first, std::size_t operations) {
  modelled<Deque> deque(capacity, first);
  for (std::size_t i = 0; i < operations; ++i)
    if (!deque.step(random, i / 64 % 2 == 0 ? 7 : 3)) return deque.finding();
  return deque.drained() ? "" : deque.finding();
}

}  // namespace handoff::stealing_tests
