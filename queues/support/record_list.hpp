// Records that threads hold one at a time, on a list that only grows, so that any thread can walk it.
//
// A record outlives its holder: it is handed to the next one as it is. A counter in it runs on, because one
// that were folded into a total could be read twice (or not at all) by a thread that is adding up.
#pragma once

#include <atomic>
#include <cstdint>

namespace handoff::support {

/// What makes a `Record` a record of a list: its base.
template <class Record>
struct listed {
  // Set before the record is published, never changed.
  Record* next = nullptr;
  std::uint32_t number = 1;  ///< of records from here to the end of the list

  std::atomic<bool> held{true};  ///< false: nobody holds it
};

template <class Record>
class record_list {
 public:
  record_list() = default;
  record_list(const record_list&) = delete;
  record_list& operator=(const record_list&) = delete;
  ~record_list() {
    for (Record* r = head_.load(std::memory_order_relaxed); r != nullptr;) {  // nobody else is left
      Record* const next = r->next;
      delete r;
      r = next;
    }
  }

  /// A record for a new holder: one that was given back, else a new one. Any thread; lock-free but for the
  /// allocation. Throws std::bad_alloc. Apart, so that a loop that begins with a fresh handle stays small.
  [[gnu::noinline]] Record& take() {
    for (Record* r = first(); r != nullptr; r = r->next)
      // (2) acquire: synchronises with (1), so that the new holder continues where the last one stopped.
      // relaxed: a hint, which (2) verifies
      if (!r->held.load(std::memory_order_relaxed) && !r->held.exchange(true, std::memory_order_acquire))
        return *r;
    auto* fresh = new Record;
    fresh->next = first();  // a guess, which (3) verifies
    do {
      fresh->number = fresh->next == nullptr ? 1 : fresh->next->number + 1;
      // (3) release: partner (4), which follows `next`: each change of the head is a read-modify-write, so
      // that it synchronises with older records' (3), too; acquire on failure: as (4), for the number
    } while (!head_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                          std::memory_order_acquire));
    return *fresh;
  }

  /// Gives a record back, as it is.
  static void give_back(Record& r) noexcept {
    r.held.store(false, std::memory_order_release);  // (1) partner: (2)
  }

  /// The newest record, or null; follow `next`. Reads the head anew each time. Any thread.
  [[nodiscard]] Record* first() const noexcept {
    return head_.load(std::memory_order_acquire);  // (4) partner: (3)
  }

 private:
  std::atomic<Record*> head_{nullptr};
};

}  // namespace handoff::support
