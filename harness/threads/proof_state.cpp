#include "harness/threads/proof_state.hpp"

#include <algorithm>

#include "harness/clock.hpp"

namespace handoff::harness::threads {

namespace {

/// Several turns for every worker, even if each takes a time slice.
std::uint64_t fewest_of(const cell& c) noexcept {
  constexpr std::uint64_t turns_a_worker = 8;
  return (turns_a_worker * std::max(c.producers, c.consumers) + c.producers - 1) / c.producers;
}

/// Fills and empties the queue several times, unless it is very large.
std::uint64_t most_of(const cell& c) noexcept {
  constexpr std::uint64_t fillings = 4, least = 2048, largest = 16384;
  const std::uint64_t items =
      std::clamp(fillings * std::min<std::uint64_t>(c.capacity.value_or(0), largest), least, largest);
  return std::max(items / c.producers, fewest_of(c));
}

}  // namespace

turns::turns(manner how, unsigned workers) {
  if (how == manner::at_will) return;
  for (unsigned worker = 0; worker < workers; ++worker) turn_of_.emplace_back(worker == 0 ? 1 : 0);
}

proof_state::proof_state(const cell& c, manner how, std::chrono::nanoseconds limit_)
    : fewest(fewest_of(c)),
      most(most_of(c)),
      limit(limit_),
      barrier(c.producers + c.consumers),
      pushing(how, c.producers),
      popping(how, c.consumers),
      record(c.producers, c.consumers, most),
      received(c.consumers),
      running_producers(c.producers) {}

void proof_state::begin() noexcept { deadline_ns = now_ns() + limit.count(); }

bool proof_state::out_of_time() noexcept {
  // relaxed: a hint, nothing is read through it. In turns, a worker whose turn comes later sees it and stops
  // too.
  if (now_ns() >= deadline_ns) over.store(true, std::memory_order_relaxed);
  return over.load(std::memory_order_relaxed);
}

bool proof_state::goes_on(std::uint64_t pushed) noexcept {
  if (pushed < fewest) return true;
  if (pushed == most) return false;
  return !out_of_time();
}

void proof_state::producer_done() noexcept {
  // (1) release: partner itself, acquire: the last one passes on, through the semaphore, what all have pushed
  if (running_producers.fetch_sub(1, std::memory_order_acq_rel) == 1) producers_done.release();
}

}  // namespace handoff::harness::threads
