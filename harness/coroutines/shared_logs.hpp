// What tasks on several threads did: as a run_log, which records one thread.
//
// There is no sequence of all events. A sample records what each consumer received, as on threads: one store
// per item, and the order in which each consumer received each producer's items is judged. The order of the
// whole queue is judged in a proof run, which keeps the whole history; it enters no figure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/run_log.hpp"
#include "harness/item.hpp"
#include "harness/threads/history.hpp"
#include "harness/threads/receipts.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness::coroutines {

/// Of a sample. Pushes and pops: any thread, each producer's and each consumer's one at a time.
class receipt_log {
 public:
  /// Parameters as for a ledger.
  receipt_log(unsigned producers, unsigned consumers, ordering promised) noexcept
      : producers_(producers), consumers_(consumers), promised_(promised) {}

  /// Clears the log and reserves room for `items` items. Throws std::bad_alloc.
  void begin(std::uint64_t items) { book_.emplace(pages_, items, producers_, consumers_, promised_); }

  static constexpr std::size_t pushes() noexcept { return 0; }
  static constexpr std::size_t pops() noexcept { return 0; }
  static constexpr void pushed(unsigned, std::size_t) noexcept {}
  void popped(unsigned consumer, std::size_t, item_key key, bool intact) noexcept {
    book_->of(consumer).enter(key, intact);
  }

  /// How many items each consumer has received since the last `settle`.
  [[nodiscard]] std::vector<std::uint64_t> counts() const {
    std::vector<std::uint64_t> received;
    for (unsigned i = 0; i < consumers_; ++i) received.push_back(book_->count(i));
    return received;
  }
  /// Between rounds, and at the end: judges what is logged, and makes room for as much again.
  void settle() { book_->settle(); }
  /// Over everything settled; `pushed`: per producer.
  [[nodiscard]] std::string verdict(const std::vector<std::uint64_t>& pushed) const {
    return book_->verdict(pushed);
  }

 private:
  const unsigned producers_;
  const unsigned consumers_;
  const ordering promised_;
  receipt_pages pages_;
  std::optional<receipt_book> book_;
};

/// Of a proof run; the queue promises fifo. As above.
class history_log {
 public:
  history_log(unsigned producers, unsigned consumers, ordering) noexcept
      : producers_(producers), consumers_(consumers) {}

  void begin(std::uint64_t items) {
    received_.assign(consumers_, 0);
    record_.emplace(producers_, consumers_, items / producers_);
  }

  [[nodiscard]] std::size_t pushes() noexcept { return record_->now(); }
  [[nodiscard]] std::size_t pops() noexcept { return record_->now(); }
  void pushed(unsigned producer, std::size_t began) noexcept { record_->pushed(producer, began); }
  void popped(unsigned consumer, std::size_t began, item_key key, bool intact) noexcept {
    received_[consumer] = record_->popped(consumer, began, key, intact);
  }

  [[nodiscard]] const std::vector<std::uint64_t>& counts() const noexcept { return received_; }
  static constexpr void settle() noexcept {}
  [[nodiscard]] std::string verdict(const std::vector<std::uint64_t>&) const { return record_->verdict(); }

 private:
  const unsigned producers_;
  const unsigned consumers_;
  std::vector<std::uint64_t> received_;
  std::optional<threads::history> record_;
};

/// The log of a sample over this queue.
template <class Queue>
using log_of = std::conditional_t<is_parallel<typename Queue::runtime_type>(), receipt_log, run_log>;

}  // namespace handoff::harness::coroutines
