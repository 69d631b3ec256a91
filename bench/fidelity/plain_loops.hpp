// The plain loop of a backend, with which its throughput in the harness is compared.
//
// If bench/fidelity/NAME.hpp specialises `plain_loops` for the backend, the library's own class is called
// directly. For every other backend, the loops below call the backend's own operations: `push` and `pop` if
// it waits natively, `try_push` and `try_pop` with a pause if it is layered. Parking has no plain
// counterpart: there the loop calls the layered queue itself. All queues are on the heap, mostly at the
// addresses that the harness's had a moment before: the address alone can change a result by ten percent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "bench/fidelity/plain_run.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/with_wait.hpp"

namespace handoff::bench {

/// The pause between two attempts of a plain loop.
template <wait_kind Wait>
void plain_pause() noexcept {
  if constexpr (Wait == wait_kind::spin)
    support::cpu_relax();
  else
    std::this_thread::yield();
}

/// The loop over the blocking operations of a queue's handles.
template <class Queue>
plain_run blocking_loop(harness::team& workers, std::uint64_t items, std::size_t capacity) {
  const auto owner = std::make_unique<Queue>(capacity);
  Queue& queue = *owner;
  {
    auto&& producer = queue.producer();
    auto&& consumer = queue.consumer();
    plain_item item{};
    for (std::size_t i = 0; i < plain_touches; ++i) {
      producer.push(plain_item{i});
      consumer.pop(item);
    }
  }
  return run_plain(
      workers, items,
      [&](auto& begin) {
        auto&& producer = queue.producer();
        begin();
        for (plain_item item = 0; item < items; ++item) producer.push(plain_item{item});
      },
      [&](auto& begin, plain_check& check) {
        auto&& consumer = queue.consumer();
        plain_item item{};
        begin();
        for (std::uint64_t i = 0; i < items; ++i) {
          consumer.pop(item);
          check.enter(item);
        }
      });
}

/// The loop over the try operations of a queue's handles.
template <class Queue, wait_kind Wait>
plain_run attempting_loop(harness::team& workers, std::uint64_t items, std::size_t capacity) {
  const auto owner = std::make_unique<Queue>(capacity);
  Queue& queue = *owner;
  {
    auto&& producer = queue.producer();
    auto&& consumer = queue.consumer();
    plain_item item{};
    for (std::size_t i = 0; i < plain_touches; ++i) {
      while (producer.try_push(plain_item{i}) != op_status::success) plain_pause<Wait>();
      while (consumer.try_pop(item) != op_status::success) plain_pause<Wait>();
    }
  }
  return run_plain(
      workers, items,
      [&](auto& begin) {
        auto&& producer = queue.producer();
        begin();
        for (plain_item item = 0; item < items; ++item)
          while (producer.try_push(plain_item{item}) != op_status::success) plain_pause<Wait>();
      },
      [&](auto& begin, plain_check& check) {
        auto&& consumer = queue.consumer();
        plain_item item{};
        begin();
        for (std::uint64_t i = 0; i < items; ++i) {
          while (consumer.try_pop(item) != op_status::success) plain_pause<Wait>();
          check.enter(item);
        }
      });
}

/// The loops over a backend's own operations.
template <template <class> class Backend>
std::vector<plain_loop> own_loops() {
  using queue = Backend<plain_item>;
  constexpr wait_set waits = queue::traits.waits;
  std::vector<plain_loop> loops;
  if constexpr (waits.contains(wait_kind::native))
    loops.push_back({wait_kind::native, &blocking_loop<queue>});
  if constexpr (waits.contains(wait_kind::spin))
    loops.push_back({wait_kind::spin, &attempting_loop<queue, wait_kind::spin>});
  if constexpr (waits.contains(wait_kind::yield))
    loops.push_back({wait_kind::yield, &attempting_loop<queue, wait_kind::yield>});
  if constexpr (waits.contains(wait_kind::park))
    loops.push_back(
        {wait_kind::park, &blocking_loop<support::with_wait<Backend, plain_item, wait_kind::park>>});
  return loops;
}

/// `all()` returns the loops of the threaded contenders. Specialised in bench/fidelity/NAME.hpp.
template <template <class> class Backend>
struct plain_loops {
  static std::vector<plain_loop> all() { return own_loops<Backend>(); }
};

}  // namespace handoff::bench
