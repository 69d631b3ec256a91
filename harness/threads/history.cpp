#include "harness/threads/history.hpp"

#include <algorithm>
#include <numeric>

#include "harness/ledger.hpp"

namespace handoff::harness::threads {

std::vector<bool> overtaken(const std::vector<passage>& all) {
  std::vector<std::size_t> by_begin(all.size());
  std::iota(by_begin.begin(), by_begin.end(), 0);
  std::vector<std::size_t> by_end = by_begin;
  std::ranges::sort(by_begin, {}, [&](std::size_t i) { return all[i].pop.began; });
  std::ranges::sort(by_end, {}, [&](std::size_t i) { return all[i].pop.ended; });
  std::vector<bool> late(all.size(), false);
  std::uint64_t latest = 0;  // among the items that were out when this pop began: when the last push began
  auto out = by_end.begin();
  for (const std::size_t i : by_begin) {
    for (; out != by_end.end() && all[*out].pop.ended < all[i].pop.began; ++out)
      latest = std::max(latest, all[*out].push.began);
    late[i] = all[i].push.ended < latest;
  }
  return late;
}

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

/// For an item that nobody pushed: it overtakes none, and none overtakes it.
interval history::push_of(item_key key) const noexcept {
  constexpr interval always{.began = 0, .ended = ~moment{0}};
  const unsigned producer = producer_of(key);
  if (producer >= producers_.size()) return always;
  const std::vector<interval>& pushes = producers_[producer].pushes;
  return sequence_of(key) < pushes.size() ? pushes[static_cast<std::size_t>(sequence_of(key))] : always;
}

std::string history::verdict() const {
  std::vector<passage> all;
  all.reserve(static_cast<std::size_t>(room_));
  for (const consumer_side& c : consumers_)
    for (const pop& one : c.pops) all.push_back({.push = push_of(one.key), .pop = one.when});
  const std::vector<bool> late = overtaken(all);
  std::vector<ledger> ledgers(consumers_.size(),
                              ledger(static_cast<unsigned>(producers_.size()), ordering::fifo));
  std::size_t i = 0;
  for (std::size_t c = 0; c < consumers_.size(); ++c) {
    for (const pop& one : consumers_[c].pops) ledgers[c].enter(one.key, late[i++]);
    ledgers[c].enter_uncounted(consumers_[c].beyond);
    ledgers[c].enter_torn(consumers_[c].torn);
  }
  std::vector<std::uint64_t> pushed;
  for (const producer_side& p : producers_) pushed.push_back(p.pushes.size());
  return harness::verdict(ledgers, pushed);
}

}  // namespace handoff::harness::threads
