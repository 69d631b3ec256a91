#include "harness/threads/history.hpp"

#include <algorithm>
#include <cstddef>

#include "harness/ledger.hpp"
#include "harness/overtaken.hpp"

namespace handoff::harness::threads {

history::history(unsigned producers, unsigned consumers, std::uint64_t share)
    : room_(share * producers), producers_(producers), consumers_(consumers) {
  for (producer_side& p : producers_) p.pushes.reserve(static_cast<std::size_t>(share));
  for (consumer_side& c : consumers_) c.pops.reserve(static_cast<std::size_t>(room_));
}

std::uint64_t history::popped(unsigned consumer, moment began, item_key key, bool intact) noexcept {
  consumer_side& own = consumers_[consumer];
  own.torn += static_cast<std::uint64_t>(!intact);
  if (own.pops.size() < room_)
    own.pops.push_back({.key = key, .when = {.began = began, .ended = now()}});
  else
    ++own.beyond;
  return own.pops.size() + own.beyond;
}

std::uint64_t history::pushes() const noexcept {
  std::uint64_t sum = 0;
  for (const producer_side& p : producers_) sum += p.pushes.size();
  return sum;
}

interval history::push_of(item_key key) const noexcept {
  const unsigned producer = producer_of(key);
  if (producer >= producers_.size()) return never_pushed;
  const std::vector<interval>& pushes = producers_[producer].pushes;
  return sequence_of(key) < pushes.size() ? pushes[static_cast<std::size_t>(sequence_of(key))] : never_pushed;
}

std::string history::verdict() const {
  struct popped_item {
    std::size_t consumer;
    pop what;
  };
  std::vector<popped_item> all;
  all.reserve(static_cast<std::size_t>(room_));
  for (std::size_t c = 0; c < consumers_.size(); ++c)
    for (const pop& one : consumers_[c].pops) all.push_back({.consumer = c, .what = one});
  const auto ended = [](const popped_item& item) { return item.what.when.ended; };
  std::ranges::sort(all, {}, ended);
  const std::vector<bool> late = overtaken(
      all.size(), [&](std::size_t i) { return push_of(all[i].what.key); },
      [&](std::size_t i) {
        const auto out = std::ranges::lower_bound(all, all[i].what.when.began, {}, ended);
        return static_cast<std::size_t>(out - all.begin());
      });
  std::vector<ledger> ledgers(consumers_.size(),
                              ledger(static_cast<unsigned>(producers_.size()), ordering::fifo));
  for (std::size_t i = 0; i < all.size(); ++i) ledgers[all[i].consumer].enter(all[i].what.key, late[i]);
  for (std::size_t c = 0; c < consumers_.size(); ++c) {
    ledgers[c].enter_uncounted(consumers_[c].beyond);
    ledgers[c].enter_torn(consumers_[c].torn);
  }
  std::vector<std::uint64_t> pushed;
  for (const producer_side& p : producers_) pushed.push_back(p.pushes.size());
  return harness::verdict(ledgers, pushed);
}

}  // namespace handoff::harness::threads
