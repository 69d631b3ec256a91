#include "harness/coroutines/run_log.hpp"

#include <numeric>

namespace handoff::harness::coroutines {

void run_log::begin(std::uint64_t items) {
  if (keys_.size() < items) {
    keys_.resize(items);
    pops_.resize(consumers_ == 1 ? 0 : items);
    pushes_.resize(producers_ == 1 ? 0 : items);
  }
  push_count_ = pop_count_ = 0;
  torn_ = beyond_ = 0;
  first_.assign(producers_, 0);
  ledgers_.assign(consumers_, ledger(producers_, promised_));
}

std::vector<std::uint64_t> run_log::counts() const {
  if (consumers_ == 1) return {pop_count_};
  std::vector<std::uint64_t> received(consumers_, 0);
  for (std::size_t i = 0; i < pop_count_; ++i) ++received[worker(pops_[i])];
  return received;
}

run_log::push_places run_log::places() const {
  push_places all{std::vector<std::uint64_t>(producers_ + 1, 0), std::vector<std::uint32_t>(push_count_)};
  for (std::size_t i = 0; i < push_count_; ++i) ++all.first[worker(pushes_[i]) + 1];
  std::partial_sum(all.first.begin(), all.first.end(), all.first.begin());
  std::vector<std::uint64_t> next = all.first;
  for (std::size_t i = 0; i < push_count_; ++i)
    all.ended[next[worker(pushes_[i])]++] = static_cast<std::uint32_t>(i);
  return all;
}

interval run_log::push_of(item_key key, const push_places& all) const {
  const unsigned producer = producer_of(key);
  if (producer >= producers_) return never_pushed;
  const std::uint64_t sequence = sequence_of(key);
  if (producers_ == 1) return {.began = sequence, .ended = sequence};
  const std::uint64_t items = all.first[producer + 1] - all.first[producer];
  if (sequence - first_[producer] >= items) return never_pushed;  // not pushed in this round
  const std::size_t ended = all.ended[all.first[producer] + sequence - first_[producer]];
  return {.began = began(pushes_[ended], ended), .ended = ended};
}

std::vector<bool> run_log::late_pops(const push_places& all) const {
  return overtaken(
      pop_count_, [&](std::size_t i) { return push_of(keys_[i], all); },
      [&](std::size_t i) { return consumers_ == 1 ? i : began(pops_[i], i); });
}

void run_log::settle() {
  const push_places all = places();
  const bool alone = producers_ == 1 && consumers_ == 1;  // their order is checked by the ledger
  std::vector<bool> late;
  if (promised_ == ordering::fifo && !alone) late = late_pops(all);
  for (std::size_t i = 0; i < pop_count_; ++i)
    ledgers_[consumers_ == 1 ? 0 : worker(pops_[i])].enter(keys_[i], !late.empty() && late[i]);
  ledgers_.front().enter_uncounted(beyond_);
  ledgers_.front().enter_torn(torn_);
  for (unsigned producer = 0; producer < producers_; ++producer)
    first_[producer] += all.first[producer + 1] - all.first[producer];
  push_count_ = pop_count_ = 0;
  torn_ = beyond_ = 0;
}

}  // namespace handoff::harness::coroutines
