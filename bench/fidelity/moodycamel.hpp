// Plain loops over moodycamel's own queue, with its tokens.
#pragma once

#include <concurrentqueue.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "bench/fidelity/plain_loops.hpp"
#include "queues/moodycamel.hpp"

namespace handoff::bench {

template <>
struct plain_loops<moodycamel> {
  using library_queue = ::moodycamel::ConcurrentQueue<plain_item>;

  static std::vector<plain_loop> all() {
    return {{wait_kind::spin, &attempting<wait_kind::spin>},
            {wait_kind::yield, &attempting<wait_kind::yield>},
            {wait_kind::park, &blocking_loop<support::with_wait<moodycamel, plain_item, wait_kind::park>>}};
  }

  template <wait_kind Wait>
  static plain_run attempting(harness::team& workers, std::uint64_t items, std::size_t reserve) {
    const auto owner = std::make_unique<library_queue>(reserve);
    library_queue& queue = *owner;
    touch(queue);
    return run_plain(
        workers, items,
        [&](auto& begin) {
          const ::moodycamel::ProducerToken token(queue);
          begin();
          for (plain_item item = 0; item < items; ++item)
            if (!queue.enqueue(token, plain_item{item})) throw std::bad_alloc();
        },
        [&](auto& begin, plain_check& check) {
          ::moodycamel::ConsumerToken token(queue);
          plain_item item{};
          begin();
          for (std::uint64_t i = 0; i < items; ++i) {
            while (!queue.try_dequeue(token, item)) plain_pause<Wait>();
            check.enter(item);
          }
        });
  }

 private:
  static void touch(library_queue& queue) {
    const ::moodycamel::ProducerToken producer(queue);
    ::moodycamel::ConsumerToken consumer(queue);
    plain_item item{};
    for (std::size_t i = 0; i < plain_touches; ++i) {
      queue.enqueue(producer, plain_item{i});
      queue.try_dequeue(consumer, item);
    }
  }
};

}  // namespace handoff::bench
