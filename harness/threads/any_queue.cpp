#include "harness/threads/any_queue.hpp"

#include <fmt/format.h>

#include <thread>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/first_items.hpp"
#include "harness/stall_watch.hpp"
#include "harness/workers.hpp"

namespace handoff::harness::threads {

void touch(any_queue& queue, const cell& c) {
  std::vector<std::unique_ptr<any_producer>> producers;
  std::vector<std::unique_ptr<any_consumer>> consumers;
  for (unsigned i = 0; i < c.producers; ++i) producers.push_back(queue.producer());
  for (unsigned i = 0; i < c.consumers; ++i) consumers.push_back(queue.consumer());
  for (first_items proof(c, queue.facts.order); proof.next_batch(); proof.judge()) {
    for (std::size_t i = 0; i < proof.size(); ++i)
      expect_success(producers[proof.producer(i)]->push(proof.key(i)), "push");
    any_consumer& consumer = *consumers[proof.consumer()];
    for (std::size_t i = 0; i < proof.size(); ++i) {
      const popped out = consumer.pop();
      expect_success(out.status, "pop");
      proof.received(out.key, out.intact);
      consumer.task_done();
    }
  }
}

void push_markers(any_queue& queue, unsigned consumers) {
  const auto handle = queue.producer();
  for (unsigned i = 0; i < consumers; ++i) expect_success(handle->push(marker_key), "push of a marker");
}

void give_up_stalled(any_queue& queue, std::uint64_t received, std::uint64_t expected) {
  if (!queue.facts.tries)
    abandon(sample_status::timeout, fmt::format("stalled at {} of {} items", received, expected));
  constexpr int attempts = 1000;  // if `empty` may be false, one proves nothing
  const auto handle = queue.consumer();
  for (int i = 0; i < attempts; ++i) {
    if (handle->try_pop().status == op_status::success)
      abandon(sample_status::timeout,
              fmt::format("consumers slept at {} of {} items while some were inside", received, expected));
    std::this_thread::yield();
  }
  abandon(sample_status::corrupt, fmt::format("{} of {} items were lost", expected - received, expected));
}

void await_consumed(any_queue& queue, const team& workers, const std::function<std::uint64_t()>& received,
                    std::uint64_t expected, std::chrono::nanoseconds stall_limit) {
  constexpr auto between_looks = std::chrono::milliseconds{1};  // each look takes a core from a worker
  stall_watch watch(stall_limit, between_looks);
  for (;;) {
    const std::uint64_t seen = received();
    if (seen >= expected) return;
    if (watch.stands_still(seen, [&] { return workers.all_sleep(); })) give_up_stalled(queue, seen, expected);
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace handoff::harness::threads
