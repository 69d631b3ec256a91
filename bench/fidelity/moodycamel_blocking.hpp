// The plain loop over moodycamel's own blocking queue, with its tokens.
#pragma once

#include <blockingconcurrentqueue.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "bench/fidelity/plain_loops.hpp"
#include "queues/moodycamel_blocking.hpp"

namespace handoff::bench {

template <>
struct plain_loops<moodycamel_blocking> {
  using library_queue = ::moodycamel::BlockingConcurrentQueue<plain_item>;

  static std::vector<plain_loop> all() { return {{wait_kind::native, &native}}; }

  static plain_run native(harness::team& workers, std::uint64_t items, std::size_t reserve) {
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
            queue.wait_dequeue(token, item);
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
      queue.wait_dequeue(consumer, item);
    }
  }
};

}  // namespace handoff::bench
