#include "harness/threads/receipts.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace handoff::harness {

namespace {

/// Pages are small if a run is short, because each consumer may leave one nearly empty.
std::size_t keys_of(std::uint64_t items, unsigned consumers) noexcept {
  constexpr std::uint64_t smallest = 64, largest = 2048, pages_a_consumer = 8;
  return std::bit_floor(
      std::clamp<std::uint64_t>(items / (pages_a_consumer * std::max(consumers, 1U)), smallest, largest));
}

}  // namespace

void receipt_pages::prepare(std::uint64_t items, unsigned consumers) {
  keys_a_page_ = keys_of(items, consumers);
  pages_ = consumers + static_cast<std::size_t>(items) / keys_a_page_;
  const std::size_t needed = (pages_ + consumers) * keys_a_page_;
  if (room_ < needed) {
    keys_.reset();
    room_ = 0;
    keys_.reset(new (std::align_val_t{support::separation}) item_key[needed]());
    room_ = needed;
  }
  owners_.assign(pages_, 0);
  next_.store(0, std::memory_order_relaxed);  // ordered by the start of the job
}

item_key* receipt_pages::take(unsigned consumer) noexcept {
  // relaxed: it only deals out numbers; what is written on a page is read after the end of the job
  const std::size_t page = next_.fetch_add(1, std::memory_order_relaxed);
  if (page >= pages_) return &keys_[(pages_ + consumer) * keys_a_page_];
  owners_[page] = consumer;
  return &keys_[page * keys_a_page_];
}

std::size_t receipt_pages::taken() const noexcept {
  return std::min(next_.load(std::memory_order_relaxed), pages_);  // ordered by the end of the job
}

receipt_book::receipt_book(receipt_pages& pages, std::uint64_t items, unsigned producers, unsigned consumers,
                           ordering promised, const timeline* line)
    : pages_(pages), items_(items), ledgers_(consumers, ledger(producers, promised, line)) {
  begin();
}

void receipt_book::begin() {
  pages_.prepare(items_, static_cast<unsigned>(ledgers_.size()));
  receipts_.clear();
  receipts_.reserve(ledgers_.size());
  for (unsigned consumer = 0; consumer < ledgers_.size(); ++consumer)
    receipts_.emplace_back(pages_, consumer);
}

void receipt_book::settle() {
  std::vector<std::uint64_t> left;
  for (const receipts& one : receipts_) left.push_back(one.count());
  for (std::size_t page = 0; page < pages_.taken(); ++page) {
    const unsigned consumer = pages_.owner(page);
    const std::uint64_t filled = std::min<std::uint64_t>(left[consumer], pages_.keys_a_page());
    for (std::uint64_t i = 0; i < filled; ++i) ledgers_[consumer].enter(pages_.page(page)[i]);
    left[consumer] -= filled;
  }
  for (unsigned consumer = 0; consumer < ledgers_.size(); ++consumer) {
    ledgers_[consumer].enter_uncounted(left[consumer]);
    ledgers_[consumer].enter_torn(receipts_[consumer].torn());
  }
  begin();
}

}  // namespace handoff::harness
