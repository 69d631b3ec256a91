// What the consumers of a run on threads received: recorded inside the window, judged after it.
//
// Inside the window the proof costs one store per item, the same for every queue, whatever order it promises.
// Each consumer fills its own pages and takes the next from a common stack, so that there are few more than
// the run needs, however unevenly consumers share it; all are touched before the run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "harness/item.hpp"
#include "harness/ledger.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness {

/// Memory for receipts; kept from run to run, so that it is touched once.
class receipt_pages {
 public:
  /// Reserves room for `items` keys of `consumers` and frees everything taken before. Throws std::bad_alloc.
  void prepare(std::uint64_t items, unsigned consumers);

  /// Hands a page to a consumer. Any thread, wait-free. A consumer that asks for more than all items need
  /// gets its own spare page, again and again.
  item_key* take(unsigned consumer) noexcept;

  [[nodiscard]] std::size_t keys_a_page() const noexcept { return keys_a_page_; }
  /// How many pages were taken, without the spare ones, and by whom; a consumer's pages in order.
  [[nodiscard]] std::size_t taken() const noexcept;
  [[nodiscard]] unsigned owner(std::size_t page) const noexcept { return owners_[page]; }
  [[nodiscard]] const item_key* page(std::size_t index) const noexcept {
    return &keys_[index * keys_a_page_];
  }

 private:
  struct aligned_delete {
    void operator()(item_key* keys) const noexcept {
      ::operator delete[](keys, std::align_val_t{support::separation});
    }
  };

  std::unique_ptr<item_key[], aligned_delete> keys_;
  std::size_t room_ = 0;  // keys
  std::size_t keys_a_page_ = 0;
  std::size_t pages_ = 0;  // without the spare ones, which come last
  std::vector<unsigned> owners_;
  alignas(support::separation) std::atomic<std::size_t> next_{0};
};

/// Written by one consumer, on cache lines of its own.
class alignas(support::separation) receipts {
 public:
  receipts(receipt_pages& pages, unsigned consumer) noexcept
      : page_(pages.take(consumer)), mask_(pages.keys_a_page() - 1), pages_(&pages), consumer_(consumer) {}

  void enter(item_key key, bool intact) noexcept {
    page_[count_ & mask_] = key;
    torn_ += static_cast<std::uint64_t>(!intact);
    if ((++count_ & mask_) == 0) [[unlikely]]
      page_ = pages_->take(consumer_);
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t torn() const noexcept { return torn_; }

 private:
  item_key* page_;
  std::uint64_t mask_;
  std::uint64_t count_ = 0;
  std::uint64_t torn_ = 0;
  receipt_pages* pages_;
  unsigned consumer_;
};

/// The receipts of all consumers of a run.
class receipt_book {
 public:
  /// Room for `items` in `pages`, which must outlive this. The other parameters as for a ledger.
  receipt_book(receipt_pages& pages, std::uint64_t items, unsigned producers, unsigned consumers,
               ordering promised, const timeline* line = nullptr);

  [[nodiscard]] receipts& of(unsigned consumer) noexcept { return receipts_[consumer]; }
  [[nodiscard]] std::uint64_t count(unsigned consumer) const noexcept { return receipts_[consumer].count(); }

  /// When the consumers have left, or pause: enters what they received into their ledgers, and makes room for
  /// as many items again.
  void settle();

  /// Over everything settled; `pushed`: per producer.
  [[nodiscard]] std::string verdict(const std::vector<std::uint64_t>& pushed) const {
    return harness::verdict(ledgers_, pushed);
  }

 private:
  void begin();

  receipt_pages& pages_;
  std::uint64_t items_;
  std::vector<receipts> receipts_;
  std::vector<ledger> ledgers_;
};

}  // namespace handoff::harness
