#include "harness/first_items.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/abandon.hpp"

namespace handoff::harness {

namespace {

constexpr std::size_t unbounded_reserve = 4096;
constexpr std::size_t touched_at_most = 4096;
/// Small enough for a batch to stay in the nearest cache.
constexpr std::size_t largest_batch = 64;

/// The batch in the order in which a queue of this ordering returns it; if the ordering leaves a choice, in
/// normal form.
std::vector<item_key> in_order(std::vector<item_key> keys, ordering promised) {
  switch (promised) {
    case ordering::fifo: break;
    case ordering::lifo: std::ranges::reverse(keys); break;
    case ordering::per_producer_fifo: std::ranges::stable_sort(keys, {}, &producer_of); break;
    case ordering::priority:
    case ordering::unordered: std::ranges::sort(keys); break;
  }
  return keys;
}

/// What came out, in the normal form of the ordering.
std::vector<item_key> normal_form(std::vector<item_key> keys, ordering promised) {
  const bool leaves_a_choice = promised == ordering::per_producer_fifo || promised == ordering::unordered;
  return leaves_a_choice ? in_order(std::move(keys), promised) : keys;
}

}  // namespace

std::size_t capacity_of(const cell& c) noexcept { return c.capacity.value_or(unbounded_reserve); }

first_items::first_items(const cell& c, ordering promised)
    : producers_(c.producers),
      consumers_(c.consumers),
      promised_(promised),
      batch_(std::min(capacity_of(c), largest_batch)),
      left_(std::max(
          {std::min(capacity_of(c), touched_at_most), std::size_t{producers_}, batch_ * consumers_})) {}

bool first_items::next_batch() {
  pushed_.clear();
  popped_.clear();
  const std::size_t size = std::min(batch_, left_);
  left_ -= size;
  for (std::size_t i = 0; i < size; ++i, ++planned_) {
    // Not in key order, which is a priority queue's.
    constexpr std::size_t scramble = 5;
    pushed_.push_back(make_key(static_cast<unsigned>(planned_ % producers_), planned_ ^ scramble));
  }
  consumer_ = (consumer_ + 1) % consumers_;
  return size > 0;
}

void first_items::received(item_key key, bool intact) {
  popped_.push_back(key);
  torn_ = torn_ || !intact;
}

void first_items::judge() {
  if (torn_ || in_order(popped_, ordering::unordered) != in_order(pushed_, ordering::unordered))
    abandon(sample_status::corrupt, "the first items of a fresh queue did not come out as they went in");
  if (normal_form(popped_, promised_) != in_order(pushed_, promised_))
    abandon(sample_status::corrupt,
            fmt::format("the first items of a fresh queue did not come out in the order that it promises, {}",
                        to_string(promised_)));
}

}  // namespace handoff::harness
