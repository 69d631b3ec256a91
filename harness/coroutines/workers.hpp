// The worker loops of coroutines, once for every scenario: what happens around an item is a parameter, and so
// is whether it is too early for the next one.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/cell.hpp"
#include "harness/item.hpp"
#include "harness/ledger.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
using task_of = typename Queue::runtime_type::task;

/// An answer that a queue in this state must not give ends the cell: the others would wait for this worker
/// for ever.
inline void expect_success(op_status status, const char* operation) {
  if (status != op_status::success) [[unlikely]]
    abandon(sample_status::corrupt,
            fmt::format("{} answered {} in an open queue", operation, to_string(status)));
}

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

inline std::size_t capacity_of(const cell& c) {
  constexpr std::size_t unbounded_reserve = 4096;
  return c.capacity.value_or(unbounded_reserve);
}

/// Touches the memory of a fresh queue: items go once through it, or through the first part of a large one.
template <class Queue>
task_of<Queue> touch(Queue& queue, std::size_t capacity) {
  constexpr std::size_t touched_at_most = 4096;
  using codec = item_codec<typename Queue::value_type>;
  auto&& producer = queue.producer();
  auto&& consumer = queue.consumer();
  typename Queue::value_type item{};
  for (std::size_t i = 0; i < std::min(capacity, touched_at_most); ++i) {
    auto fresh = codec::make(make_key(0, i));
    const op_status pushed = co_await producer.async_push(std::move(fresh));
    expect_success(pushed, "async_push");
    const op_status popped = co_await consumer.async_pop(item);
    expect_success(popped, "async_pop");
    if (codec::key(item) != make_key(0, i))
      abandon(sample_status::corrupt, "the first items of a fresh queue did not come out as they went in");
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
