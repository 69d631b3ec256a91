#include "harness/timeline.hpp"

#include <algorithm>
#include <bit>

namespace handoff::harness {

namespace {

/// Fewer notes if producers are so many that each one's notes of all the others would fill a cache.
std::uint64_t notes_wanted(unsigned producers) noexcept {
  constexpr std::uint64_t most_counts = 1 << 16, fewest = 8;
  const std::uint64_t fitting = most_counts / (std::uint64_t{producers} * producers);
  return std::clamp(fitting, fewest, timeline::notes_a_producer);
}

}  // namespace

timeline::timeline(unsigned producers, std::uint64_t share)
    : producers_(producers),
      interval_bits_(static_cast<unsigned>(
          std::bit_width(std::bit_ceil(std::max<std::uint64_t>(1, share / notes_wanted(producers)))) - 1)),
      rows_(producers > 1 ? static_cast<std::size_t>((share >> interval_bits_) + 1) : 0),
      finished_(producers > 1 ? producers : 0),
      notes_(rows_ * producers * producers) {}

timeline::writer timeline::writer_of(unsigned producer) noexcept {
  writer w;
  if (producers_ < 2) return w;
  w.line_ = this;
  w.finished_ = &finished_[producer].items;
  w.next_note_ = 0;
  w.producer_ = producer;
  return w;
}

std::uint64_t timeline::note(unsigned producer, std::uint64_t sequence) noexcept {
  const std::uint64_t index = sequence >> interval_bits_;
  std::atomic<std::uint64_t>* row = &notes_[row_of(producer, index)];
  for (unsigned other = 0; other < producers_; ++other)
    if (other != producer)
      row[other].store(finished_[other].items.load(std::memory_order_acquire),  // (2) partner: (1)
                       std::memory_order_relaxed);  // ordered by the queue, along with the item
  return (index + 1) << interval_bits_;
}

std::uint64_t timeline::look_up(unsigned producer, std::uint64_t sequence,
                                std::uint64_t* next) const noexcept {
  const std::uint64_t index = sequence >> interval_bits_;
  if (index >= rows_) return never;  // nobody pushed that item
  const std::atomic<std::uint64_t>* row = &notes_[row_of(producer, index)];
  for (unsigned other = 0; other < producers_; ++other)
    if (other != producer)
      next[other] =
          std::max(next[other], row[other].load(std::memory_order_relaxed));  // ordered by the queue
  return (index + 1) << interval_bits_;
}

}  // namespace handoff::harness
