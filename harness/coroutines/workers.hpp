// The worker loops of coroutines, once for every scenario: what happens around an item is a parameter, and so
// is whether it is too early for the next one.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "harness/cell.hpp"
#include "harness/item.hpp"
#include "harness/ledger.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
using task_of = typename Queue::runtime_type::task;

/// Pushes the items `first` … `first + count - 1` of one producer. `pace.too_early(sequence)` holds an item
/// back, pass by pass; `pace.before_push()` is its work.
template <class Queue, class Pace>
task_of<Queue> produce(typename Queue::runtime_type& loop, Queue& queue, unsigned producer,
                       std::uint64_t first, std::uint64_t count, Pace pace) {
  using codec = item_codec<typename Queue::value_type>;
  auto&& handle = queue.producer();
  pace.begin();
  for (std::uint64_t sequence = first; sequence != first + count; ++sequence) {
    while (pace.too_early(sequence)) co_await loop.yield();
    pace.before_push();
    auto item = codec::make(make_key(producer, sequence));
    const op_status status = co_await handle.async_push(std::move(item));
    expect_success(status, "async_push");
  }
  pace.end();
}

/// Pops until a marker comes or the answer is not success. `meter.must_wait()` holds an item back, pass by
/// pass; `meter.after_pop(handle, key)` is the work and the measurement; `meter.left(handle, status)` is the
/// end.
template <class Queue, class Meter>
task_of<Queue> consume(typename Queue::runtime_type& loop, Queue& queue, ledger& book, Meter meter) {
  using codec = item_codec<typename Queue::value_type>;
  auto&& handle = queue.consumer();
  typename Queue::value_type item{};
  for (;;) {
    const op_status status = co_await handle.async_pop(item);
    const item_key key = status == op_status::success ? codec::key(item) : marker_key;
    if (!book.enter(key, codec::intact(item))) [[unlikely]] {
      if (key == marker_key) {
        meter.left(handle, status);
        co_return;
      }
      book.enter_unknown();
    }
    while (meter.must_wait()) co_await loop.yield();
    meter.after_pop(handle, key);
  }
}

/// One end marker a consumer.
template <class Queue>
task_of<Queue> push_markers(Queue& queue, unsigned consumers) {
  auto&& handle = queue.producer();
  for (unsigned i = 0; i < consumers; ++i) {
    auto marker = item_codec<typename Queue::value_type>::make(marker_key);
    const op_status status = co_await handle.async_push(std::move(marker));
    expect_success(status, "async_push of a marker");
  }
}

/// Touches the memory of a fresh queue of the cell.
template <class Queue>
task_of<Queue> touch(Queue& queue, const cell& c) {
  using codec = item_codec<typename Queue::value_type>;
  auto&& producer = queue.producer();
  auto&& consumer = queue.consumer();
  typename Queue::value_type item{};
  for (std::size_t i = 0; i < touches_of(c); ++i) {
    auto fresh = codec::make(touch_key(i));
    const op_status pushed = co_await producer.async_push(std::move(fresh));
    expect_success(pushed, "async_push");
    const op_status popped = co_await consumer.async_pop(item);
    expect_success(popped, "async_pop");
    expect_touched(item, i);
    if constexpr (counts_done<Queue>) consumer.task_done();
  }
}

/// How long a coordinator yields for something that others do. On one thread, passes in which nothing moved
/// prove that nothing will: the coordinator gives up, and the loop finds that the others wait for ever.
class patience {
 public:
  /// Whether to yield once more; `progress` is any number that changes while things move.
  [[nodiscard]] bool left(std::uint64_t progress) noexcept {
    constexpr unsigned idle_passes = 1000;
    idle_ = progress == last_ ? idle_ + 1 : 0;
    last_ = progress;
    return idle_ < idle_passes;
  }

 private:
  std::uint64_t last_ = 0;
  unsigned idle_ = 0;
};

/// Runs the loop until every task has ended. What it throws (tasks wait for ever, a worker ended with an
/// exception) is answered in words; empty where all is well.
template <class Runtime>
std::string run_to_end(Runtime& loop) {
  try {
    loop.run();
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// What the ledgers find, else what the loop said.
inline std::string verdict_or(const std::string& loop_said, const std::vector<ledger>& books,
                              const std::vector<std::uint64_t>& pushed) {
  const std::string found = verdict(books, pushed);
  return found.empty() ? loop_said : found;
}

}  // namespace handoff::harness::coroutines
