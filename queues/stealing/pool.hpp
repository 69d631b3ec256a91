// A work-stealing pool as a queue: each consumer handle owns a deque, producers share an injector.
//
// A consumer takes its own newest item first, then one from the injector, then it steals: it looks at every
// other deque once, from a random one on, and does not try one that looks empty. A thief that loses a race
// moves on to the next victim; a round in which it lost proves nothing, and is repeated. What a consumer
// pushes itself (`spawn`: `self_feeding` in queues/contract/concepts.hpp) goes into its own deque. At most
// half of the consumers search at once, and what they spawn wakes a sleeper only if nobody does
// (searchers.hpp).
//
// A deque outlives its handle: the next handle gets it with what is left in it, and until then it can be
// stolen from.
//
// The idea of a pool of deques: Blumofe and Leiserson, "Scheduling multithreaded computations by work
// stealing" (1999). A look at the injector every few takes: Go's scheduler (Vyukov, 2012), so that what comes
// from outside does not wait for the end of a tree.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/injector.hpp"
#include "queues/stealing/searchers.hpp"
#include "queues/stealing/slots.hpp"
#include "queues/support/counter.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/record_list.hpp"

namespace handoff::stealing {

/// What the backends on a pool declare.
constexpr backend_traits pool_traits(std::string_view name, std::string_view summary,
                                     std::string_view reference) noexcept {
  return {
      .name = name,
      .summary = summary,
      .reference = reference,
      .bounded = false,
      .order = ordering::unordered,
      .exact_empty = false,
      .guarantee = progress::blocking,
      .on_throwing_move = throwing_move::forbidden,
      .waits = layered_waits,
  };
}

/// `Deque<slot>` models work_stealing_deque.
template <class T, template <class> class Deque, class Searchers = searchers>
class pool {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a throwing move would leave an item that has been stolen nowhere");
  using slots = slots_for<T>;
  using slot = typename slots::slot;
  static_assert(work_stealing_deque<Deque<slot>>);
  static_assert(!Deque<slot>::asks_owner,
                "a consumer that works, or waits for something else, would keep what others wait for");
  struct worker;

 public:
  class producer_type;
  class consumer_type;

  /// `reserve` items are a hint. Throws std::length_error if they could not be counted.
  pool(std::string_view name, std::size_t reserve) {
    checked_reserve(name, reserve, most_items(sizeof(T) + sizeof(slot)));
  }
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  /// A handle for one thread at a time. Any thread may call this.
  producer_type producer() { return producer_type(*this); }
  consumer_type consumer() { return consumer_type(*this, workers_.take()); }

  /// Items that no consumer has claimed; too high, never too low, while an operation is under way. Any
  /// thread.
  [[nodiscard]] std::size_t size() const {
    // What was taken is added up before what was pushed, and each push is counted before its item can be
    // taken: a sum of pushes holds every push whose take is in the other sum.
    std::uint64_t out = 0;
    for (const worker* w = workers_.first(); w != nullptr; w = w->next)
      out += w->taken.load(std::memory_order_acquire);  // (1) partner: (2), and with it (3) of those items
    std::uint64_t in = injected_.load(std::memory_order_acquire);  // (4) partner: (5)
    for (const worker* w = workers_.first(); w != nullptr; w = w->next)
      in += w->pushed.load(std::memory_order_acquire);  // (6) partner: (3)
    return static_cast<std::size_t>(in - out);
  }

  /// Whether a consumer searches, who will find what was spawned before: for a caller that has fenced since
  /// (queues/stealing/searchers.hpp).
  [[nodiscard]] bool is_searched() const noexcept { return searchers_.any(); }

  /// Of all consumers, past ones included. Exact while none of them runs. Any thread.
  [[nodiscard]] steal_counts steals() const {
    steal_counts all;
    for (const worker* w = workers_.first(); w != nullptr; w = w->next) {
      // relaxed: numbers with nothing behind them
      all.steals += w->steals.load(std::memory_order_relaxed);
      all.empty += w->found_empty.load(std::memory_order_relaxed);
      all.lost += w->lost_races.load(std::memory_order_relaxed);
      all.search_ns += w->search_ns.load(std::memory_order_relaxed);  // as above
    }
    return all;
  }

 private:
  static constexpr unsigned turns_to_injector = 61;  // a prime, as in Go: no step with the width of a tree

  injector<slot> injector_;
  alignas(support::separation) std::atomic<std::uint64_t> injected_{0};
  alignas(support::separation) support::record_list<worker> workers_;
  Searchers searchers_;
};

/// A deque and its counts.
template <class T, template <class> class Deque, class Searchers>
struct alignas(support::separation) pool<T, Deque, Searchers>::worker : support::listed<worker> {
  Deque<slot> deque;
  // Written by the owner of the handle; first what every pop and spawn needs.
  alignas(support::separation) support::counter pushed{0};
  support::counter taken{0};  // from anywhere, into this handle, or withdrawn
  [[no_unique_address]] typename slots::store boxes;
  unsigned turns_left = turns_to_injector;
  std::uint64_t random = 0;
  support::counter steals{0};
  support::counter found_empty{0};
  support::counter lost_races{0};
  support::counter search_ns{0};
};

template <class T, template <class> class Deque, class Searchers>
pool<T, Deque, Searchers>::~pool() {
  slot left;
  while (injector_.pop(left)) slots::drop(left);
  for (worker* w = workers_.first(); w != nullptr; w = w->next)
    while (w->deque.pop(left)) slots::drop(left);
}

/// Pushes into the injector.
template <class T, template <class> class Deque, class Searchers>
class pool<T, Deque, Searchers>::producer_type {
 public:
  /// Never `full`. Throws std::bad_alloc if memory is short; the item is unmoved then.
  op_status try_push(T&& item) {
    typename slots::store boxes;  // a producer empties none, so it has none to fill
    const slot filled = slots::fill(boxes, std::move(item));
    pool_->injected_.fetch_add(1, std::memory_order_release);  // (5) partner: (4)
    try {
      pool_->injector_.push(filled);
    } catch (...) {
      pool_->injected_.fetch_sub(1, std::memory_order_relaxed);  // nobody could have taken it
      slots::empty_into(boxes, filled, item);
      throw;
    }
    return op_status::success;
  }

 private:
  friend class pool;
  explicit producer_type(pool& owner) : pool_(&owner) {}
  pool* pool_;
};

/// Owns a deque.
template <class T, template <class> class Deque, class Searchers>
class pool<T, Deque, Searchers>::consumer_type {
 public:
  consumer_type(consumer_type&& other) noexcept
      : pool_(other.pool_), self_(std::exchange(other.self_, nullptr)) {}
  consumer_type& operator=(consumer_type&&) = delete;
  ~consumer_type() {
    if (self_ != nullptr) support::record_list<worker>::give_back(*self_);
  }

  /// Pushes into the own deque. Always success; throws as the producer's `try_push` does.
  op_status spawn(T&& item) {
    const slot filled = slots::fill(self_->boxes, std::move(item));
    support::count(self_->pushed);  // (3) partner: (6); before a thief can take it
    try {
      if (!self_->deque.push(filled)) pool_->injector_.push(filled);
    } catch (...) {
      support::count(self_->taken);
      slots::empty_into(self_->boxes, filled, item);
      throw;
    }
    return op_status::success;
  }

  op_status try_pop(T& item) {
    slot found;
    if (!find(found)) return op_status::empty;
    slots::empty_into(self_->boxes, found, item);
    support::count(self_->taken);  // (2) partner: (1)
    return op_status::success;
  }

  /// Whether the own deque holds items, which are all unfinished: for a caller that has fenced since it
  /// counted what is done (queues/support/completion.hpp). A thief moves the end of the deque that is read
  /// here.
  [[nodiscard]] bool holds_items() const noexcept { return !self_->deque.looks_empty(); }

  /// After a pop: whether a sleeper must be woken for what woke nobody, because this consumer searched. Once.
  [[nodiscard]] bool owes_wake_up() noexcept {
    if (!owes_wake_up_) [[likely]]
      return false;
    owes_wake_up_ = false;
    return true;
  }

 private:
  friend class pool;
  consumer_type(pool& owner, worker& self) : pool_(&owner), self_(&self) {
    if (self.random == 0) self.random = self.number * 0x9e3779b97f4a7c15U;
  }

  bool find(slot& found) {
    if (--self_->turns_left == 0) [[unlikely]] {
      self_->turns_left = turns_to_injector;
      if (pool_->injector_.pop(found)) return true;
    }
    return self_->deque.pop(found) || pool_->injector_.pop(found) || search(found);
  }

  /// Where others' items are: under the rules of searchers.hpp.
  [[gnu::noinline, gnu::cold]] bool search(slot& found) {
    worker* const newest = pool_->workers_.first();
    const auto ended = pool_->searchers_.search(
        newest->number, [&] { return search_once(found, newest); }, [&] { return nothing_there(newest); });
    owes_wake_up_ = ended == Searchers::outcome::found_last;
    return ended != Searchers::outcome::nothing;
  }

  bool search_once(slot& found, worker* newest) {
    using clock = std::chrono::steady_clock;
    const auto began = clock::now();
    const bool any = steal(found, newest) || pool_->injector_.pop(found);
    const auto took = std::chrono::nanoseconds(clock::now() - began);
    support::count(self_->search_ns, static_cast<std::uint64_t>(took.count()));
    return any;
  }

  /// Whether there looks to be nothing to steal, and nothing that a deque had no room for.
  bool nothing_there(const worker* newest) const {
    for (const worker* w = newest; w != nullptr; w = w->next)
      if (!w->deque.looks_empty()) return false;
    return pool_->injector_.looks_empty();
  }

  /// Looks at all other deques until a round has lost no race.
  bool steal(slot& found, worker* newest) {
    for (bool lost = true; lost;) {
      lost = false;
      worker* const start = random_worker(newest);
      worker* victim = start;
      do {
        if (victim != self_) switch (attempt(*victim, found)) {
            case steal_status::item: return true;
            case steal_status::lost: lost = true; break;
            case steal_status::empty: break;
          }
        victim = victim->next != nullptr ? victim->next : newest;
      } while (victim != start);
    }
    return false;
  }

  steal_status attempt(worker& victim, slot& found) {
    const steal_status answer = victim.deque.looks_empty() ? steal_status::empty : take_from(victim, found);
    switch (answer) {
      case steal_status::item: support::count(self_->steals); break;
      case steal_status::empty: support::count(self_->found_empty); break;
      case steal_status::lost: support::count(self_->lost_races); break;
    }
    return answer;
  }

  /// As much as the deque gives at once; the own one is empty.
  steal_status take_from(worker& victim, slot& found) {
    if constexpr (halving_deque<Deque<slot>>)
      return victim.deque.steal_half(self_->deque, found);
    else
      return victim.deque.steal(found);
  }

  /// Of the list from `newest` on.
  worker* random_worker(worker* newest) noexcept {
    self_->random ^= self_->random << 13U;  // Marsaglia, Xorshift RNGs (2003)
    self_->random ^= self_->random >> 7U;
    self_->random ^= self_->random << 17U;
    std::uint32_t steps = static_cast<std::uint32_t>(self_->random >> 32U) % newest->number;
    worker* chosen = newest;
    while (steps-- != 0) chosen = chosen->next;
    return chosen;
  }

  pool* pool_;
  worker* self_;
  bool owes_wake_up_ = false;
};

}  // namespace handoff::stealing
