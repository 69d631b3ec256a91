// Plain loops over oneTBB's own bounded queue.
#pragma once

#include <oneapi/tbb/concurrent_queue.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/fidelity/plain_loops.hpp"
#include "queues/tbb_bounded.hpp"

namespace handoff::bench {

template <>
struct plain_loops<tbb_bounded> {
  using library_queue = oneapi::tbb::concurrent_bounded_queue<plain_item>;

  static std::vector<plain_loop> all() {
    return {{wait_kind::native, &native},
            {wait_kind::spin, &attempting<wait_kind::spin>},
            {wait_kind::yield, &attempting<wait_kind::yield>},
            {wait_kind::park, &blocking_loop<support::with_wait<tbb_bounded, plain_item, wait_kind::park>>}};
  }

  static void prepare(library_queue& queue, std::size_t capacity) {
    queue.set_capacity(static_cast<std::ptrdiff_t>(capacity));
    plain_item item{};
    for (std::size_t i = 0; i < plain_touches; ++i) {
      queue.push(plain_item{i});
      queue.pop(item);
    }
  }

  static plain_run native(harness::team& workers, std::uint64_t items, std::size_t capacity) {
    const auto owner = std::make_unique<library_queue>();
    library_queue& queue = *owner;
    prepare(queue, capacity);
    return run_plain(
        workers, items,
        [&](auto& begin) {
          begin();
          for (plain_item item = 0; item < items; ++item) queue.push(plain_item{item});
        },
        [&](auto& begin, plain_check& check) {
          plain_item item{};
          begin();
          for (std::uint64_t i = 0; i < items; ++i) {
            queue.pop(item);
            check.enter(item);
          }
        });
  }

  template <wait_kind Wait>
  static plain_run attempting(harness::team& workers, std::uint64_t items, std::size_t capacity) {
    const auto owner = std::make_unique<library_queue>();
    library_queue& queue = *owner;
    prepare(queue, capacity);
    return run_plain(
        workers, items,
        [&](auto& begin) {
          begin();
          for (plain_item item = 0; item < items; ++item)
            while (!queue.try_push(plain_item{item})) plain_pause<Wait>();
        },
        [&](auto& begin, plain_check& check) {
          plain_item item{};
          begin();
          for (std::uint64_t i = 0; i < items; ++i) {
            while (!queue.try_pop(item)) plain_pause<Wait>();
            check.enter(item);
          }
        });
  }
};

}  // namespace handoff::bench
