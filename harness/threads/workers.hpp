// The worker loops of threads, shared by all scenarios: what happens before a push and after a pop is a
// parameter.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/item.hpp"
#include "harness/threads/any_queue.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/timeline.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

/// A consumer's count for the coordinator: one writer, on its own cache line.
struct alignas(support::separation) published_count {
  std::atomic<std::uint64_t> items{0};

  // relaxed: it only tells the coordinator when to continue; what was counted is read after the end of the
  // job
  void publish(std::uint64_t count) noexcept { items.store(count, std::memory_order_relaxed); }
};

/// What all consumers have published; `Count` has `items` as above.
template <class Count>
std::uint64_t sum_of(const std::vector<Count>& published) noexcept {
  std::uint64_t sum = 0;  // relaxed: see published_count
  for (const Count& count : published) sum += count.items.load(std::memory_order_relaxed);
  return sum;
}

/// Pushes the items `first` … `first + count - 1` of one producer. `before_push(sequence)` is its work, and
/// `pen` notes the item's place in time: see harness/timeline.hpp.
template <class Queue, class Handle, class BeforePush>
void produce(Handle& handle, unsigned producer, std::uint64_t first, std::uint64_t count,
             BeforePush before_push, timeline::writer pen = {}) {
  using codec = item_codec<typename Queue::value_type>;
  const item_key end = make_key(producer, first + count);
  for (item_key key = make_key(producer, first); key != end; ++key) {
    before_push(sequence_of(key));
    pen.before_push(sequence_of(key));
    expect_success(handle.push(codec::make(key)), "push");
    pen.after_push(sequence_of(key));
  }
}

/// Pops until a marker arrives or `pop(item)` returns anything but success; returns that status.
/// `after_pop(key, count)` is the work and the measurement of one item, the `count`th of this consumer.
template <class Queue, class Pop, class AfterPop>
op_status consume(Pop pop, receipts& received, AfterPop after_pop) {
  using codec = item_codec<typename Queue::value_type>;
  typename Queue::value_type item{};
  receipts own = received;  // a local copy can live in registers
  op_status status{};
  while ((status = pop(item)) == op_status::success) {
    const item_key key = codec::key(item);
    if (key == marker_key) [[unlikely]]
      break;
    own.enter(key, codec::intact(item));
    after_pop(key, own.count());
  }
  received = own;
  return status;
}

/// `produce` through an erased handle, for rounds that are measured as a whole.
template <class BeforePush>
void push_items(any_producer& handle, unsigned producer, std::uint64_t first, std::uint64_t count,
                BeforePush before_push) {
  for (std::uint64_t sequence = first; sequence != first + count; ++sequence) {
    before_push();
    expect_success(handle.push(make_key(producer, sequence)), "push");
  }
}

/// `consume` likewise.
template <class Pop, class AfterPop>
op_status pop_items(Pop pop, receipts& received, AfterPop after_pop) {
  for (;;) {
    const popped out = pop();
    if (out.status != op_status::success || out.key == marker_key) return out.status;
    received.enter(out.key, out.intact);
    after_pop(received.count());
  }
}

}  // namespace handoff::harness::threads
