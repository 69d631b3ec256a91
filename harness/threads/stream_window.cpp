#include "harness/threads/stream_window.hpp"

#include <algorithm>
#include <bit>
#include <thread>

#include "harness/outcome.hpp"

namespace handoff::harness::threads {

namespace {

/// A lone consumer of a fast queue publishes once per so many items: a store per item is a thirtieth of its
/// time.
constexpr std::uint64_t unpublished = 1024;

/// Several consumers look at least so often per run, but no more often than a look is worth: it reads a cache
/// line of every other consumer.
constexpr std::uint64_t looks_a_run = 64, longest_stride = 1024;

std::uint64_t stride_of(std::uint64_t items, unsigned consumers, bool publishes_each) {
  if (consumers > 1)
    return std::bit_floor(std::clamp<std::uint64_t>(items / (looks_a_run * consumers), 1, longest_stride));
  return publishes_each ? std::uint64_t{1} << 63 : unpublished;
}

}  // namespace

stream_window::stream_window(std::uint64_t items, unsigned consumers, bool publishes_each, clock now)
    : items_(items),
      publishes_each_(publishes_each),
      stride_(stride_of(items, consumers, publishes_each)),
      tail_(consumers * (stride_ - 1)),
      // The last items one by one, so that a report of lost items counts exactly up to this many.
      each_from_(consumers > 1    ? never
                 : publishes_each ? items
                                  : items - std::min(items, unpublished - 1)),
      now_(now),
      counts_(consumers) {}

void stream_window::look_alone(std::uint64_t count) noexcept {
  if (count == items_) close(count);
  counts_[0].publish(count);
}

void stream_window::look_among_others(unsigned consumer, std::uint64_t count) noexcept {
  // (1) partner: (3). All of (1) to (4) are in one order: of two that look, the later sees the other's count.
  counts_[consumer].items.exchange(count, std::memory_order_seq_cst);
  if (!producers_done_.load(std::memory_order_seq_cst)) return;       // (2) partner: (4)
  if (state_.load(std::memory_order_relaxed) != state::open) return;  // a hint: (5) decides
  if (const std::uint64_t received = sum(); received + tail_ >= items_) close(received);
}

void stream_window::producers_done() noexcept {
  if (counts_.size() == 1) return;
  producers_done_.store(true, std::memory_order_seq_cst);  // (4) partner: (2)
  if (const std::uint64_t received = sum(); received + tail_ >= items_) close(received);
}

std::uint64_t stream_window::sum() const noexcept {
  std::uint64_t received = 0;
  for (const consumer_count& c : counts_)
    received += c.items.load(std::memory_order_seq_cst);  // (3) partner: (1)
  return received;
}

void stream_window::close(std::uint64_t received) noexcept {
  state before = state::open;
  // (5) relaxed: it only chooses who closes; (6) orders what is written
  if (!state_.compare_exchange_strong(before, state::closing, std::memory_order_relaxed)) return;
  end_ns_ = now_();
  meter_.end();
  received_ = received;
  for (const consumer_count& c : counts_)
    if (c.failed_attempts != nullptr) add(pop_failed_, c.failed_attempts(c.handle));
  state_.store(state::closed, std::memory_order_release);  // (6) partner: (7)
}

void stream_window::conclude() {
  close(items_);
  await_closed();
  spent_ = meter_.since();
}

void stream_window::await_closed() const noexcept {
  while (state_.load(std::memory_order_acquire) != state::closed)
    std::this_thread::yield();  // (7) partner: (6)
}

}  // namespace handoff::harness::threads
