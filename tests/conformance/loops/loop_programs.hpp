// The coroutines that loop cases consist of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "queues/contract/concepts.hpp"
#include "tests/support/census.hpp"
#include "tests/support/items.hpp"
#include "tests/support/seed.hpp"

namespace handoff::conformance {

template <async_queue Q>
struct loop_programs {
  using item = typename Q::value_type;
  using item_key = testing_support::item_key;
  using R = typename Q::runtime_type;
  using task = typename R::task;

  /// What a task with one operation reports.
  struct answer {
    bool came = false;
    op_status status = op_status::full;  // never returned by an operation that waits
    item_key key = 0;
  };

  // Without waiting.

  static op_status try_push(Q& queue, item_key key) {
    auto&& producer = queue.producer();
    return producer.try_push(item(key));
  }
  static op_status try_pop(Q& queue) {
    auto&& consumer = queue.consumer();
    item it;
    return consumer.try_pop(it);
  }
  static std::size_t fill(Q& queue) {
    std::size_t accepted = 0;
    while (try_push(queue, accepted) == op_status::success) ++accepted;
    return accepted;
  }
  static std::vector<item_key> drain(Q& queue) {
    auto&& consumer = queue.consumer();
    std::vector<item_key> keys;
    item it;
    while (consumer.try_pop(it) == op_status::success) keys.push_back(it.key);
    return keys;
  }

  // Tasks.

  static void check_untouched(op_status status, const item& it, item_key key) {
    using testing_support::census;
    if (status != op_status::success && (it.key != key || !it.whole()))
      census::note(census::argument_touched);
  }

  static task push_one(Q& queue, item_key key, answer& a) {
    auto&& producer = queue.producer();
    item it(key);
    a.status = co_await producer.async_push(std::move(it));
    check_untouched(a.status, it, key);
    a.came = true;
  }

  /// Pops into an item that already holds something.
  static task pop_one(Q& queue, answer& a) {
    auto&& consumer = queue.consumer();
    item it(0xfeed);
    a.status = co_await consumer.async_pop(it);
    a.key = it.key;
    a.came = true;
  }

  /// As above; if the item's move throws, there is no status, and `thrown` counts it.
  static task push_or_throw(Q& queue, item_key key, answer& a, unsigned& thrown) {
    auto&& producer = queue.producer();
    item it(key);
    try {
      a.status = co_await producer.async_push(std::move(it));
      a.came = true;
    } catch (const testing_support::move_failed&) {
      ++thrown;
    }
    check_untouched(a.status, it, key);
  }

  static task pop_or_throw(Q& queue, answer& a, unsigned& thrown) {
    auto&& consumer = queue.consumer();
    item it;
    try {
      a.status = co_await consumer.async_pop(it);
      a.came = true;
    } catch (const testing_support::move_failed&) {
      ++thrown;
    }
    a.key = it.key;
  }

  static task join(Q& queue, answer& a) {
    co_await queue.async_join();
    a.came = true;
  }

  /// Calls `act` with 0, 1, 2 … until it returns false; each time after all others have begun to wait.
  static task direct(R& runtime, std::function<bool(int)> act) {
    for (int step = 0;; ++step) {
      for (int pass = 0; pass < 4; ++pass) co_await runtime.yield();
      if (!act(step)) break;
    }
  }

  /// Items of several producers, told apart by the upper half of the key.
  struct traffic {
    unsigned producers = 1;
    std::set<item_key> popped{};
    std::uint64_t popped_again = 0;
    std::uint64_t out_of_order = 0;  // as one consumer saw it
    unsigned finished = 0;
  };

  static task push_many(Q& queue, unsigned me, std::uint64_t count, traffic& seen) {
    auto&& producer = queue.producer();
    for (std::uint64_t i = 0; i < count; ++i) {
      item it((item_key{me} << 32U) + i);
      co_await producer.async_push(std::move(it));
    }
    if (++seen.finished == seen.producers) queue.close();
  }

  static task pop_until_closed(Q& queue, traffic& seen) {
    auto&& consumer = queue.consumer();
    std::map<item_key, item_key> next;  // by producer: the least that may come after its last one
    for (;;) {
      item it;
      const op_status status = co_await consumer.async_pop(it);
      if (status != op_status::success) break;
      if (!seen.popped.insert(it.key).second) ++seen.popped_again;
      item_key& least = next[it.key >> 32U];
      if (it.key < least) ++seen.out_of_order;
      least = it.key + 1;
    }
  }

  /// Which items were accepted and which were popped.
  struct ledger {
    std::map<item_key, int> balance{};
    item_key next = 0;

    void accept(item_key key) { ++balance[key]; }
    void take(item_key key) { --balance[key]; }
    [[nodiscard]] bool balanced() const {
      for (const auto& [key, count] : balance)
        if (count != 0) return false;
      return true;
    }
  };

  static task push_some(R& runtime, Q& queue, ledger& book, testing_support::random_source random) {
    auto&& producer = queue.producer();
    for (;;) {
      const item_key key = book.next++;
      item it(key);
      const op_status status = co_await producer.async_push(std::move(it));
      check_untouched(status, it, key);
      if (status != op_status::success) break;
      book.accept(key);
      if (random.below(3) == 0) co_await runtime.yield();
    }
  }

  static task pop_some(R& runtime, Q& queue, ledger& book, testing_support::random_source random) {
    auto&& consumer = queue.consumer();
    for (;;) {
      item it;
      const op_status status = co_await consumer.async_pop(it);
      if (status != op_status::success) break;
      book.take(it.key);
      if constexpr (counts_done<Q>) consumer.task_done();
      if (random.below(3) == 0) co_await runtime.yield();
    }
  }
};

}  // namespace handoff::conformance
