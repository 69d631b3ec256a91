// Two producers and two consumers around a pool of two places. The consumers never end on their own: when the
// producers have ended and join() shows that nothing is in flight any more, they are cancelled where they
// wait, and their cancellations are gathered as expected results.
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "examples/support/pattern.hpp"
#include "examples/support/shared_queue.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::patterns {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t producers = 2;
constexpr std::size_t consumers = 2;
constexpr int items_each = 4;
constexpr int room = 2;
constexpr std::array between_items{310ms, 470ms};  // a producer
constexpr std::array work{700ms, 1130ms};          // a consumer

/// Tells whose item it is: 0, 1, … of producer 0, and 100, 101, … of producer 1.
constexpr int item_of(std::size_t producer, int number) { return static_cast<int>(producer) * 100 + number; }

async::task<> producer(shared_queue with, std::size_t self) {
  for (int i = 0; i < items_each; ++i) {
    co_await async::sleep(between_items[self]);
    const item next = item_of(self, i);
    co_await with->queue.put(next);
    ++with->items.produced;
    say("producer {} put {}: {} in the pool", self, *next, with->queue.qsize());
  }
}

async::task<> consumer(shared_queue with, std::size_t self) {
  for (;;) {
    const item next = co_await with->queue.get();
    say("consumer {} took {}", self, next.value());
    co_await async::sleep(work[self]);
    ++with->items.consumed;
    with->queue.task_done();
  }
}

async::task<> program() {
  const shared_queue with = make_queue(room);
  std::vector<async::task_handle<>> producing;
  for (std::size_t i = 0; i < producers; ++i)
    producing.push_back(async::create_task(producer(with, i), "producer " + std::to_string(i)));
  std::vector<async::task_handle<>> consuming;
  for (std::size_t i = 0; i < consumers; ++i)
    consuming.push_back(async::create_task(consumer(with, i), "consumer " + std::to_string(i)));

  co_await async::gather(std::move(producing));
  say("both producers have ended");
  co_await with->queue.join();
  say("nothing is in flight any more");
  for (const async::task_handle<>& one : consuming) one.cancel();
  const std::vector<async::task_handle<>> ended =
      co_await async::gather(std::move(consuming), async::return_exceptions);
  for (std::size_t i = 0; i < ended.size(); ++i)
    say("consumer {} {}", i, ended[i].cancelled() ? "was cancelled, as planned" : "ended by itself");
  say_accounting(*with);
}

void produce(thread_queue& queue, traffic& traffic, pace delays, std::size_t self) {
  const auto end = queue.make_producer();
  for (int i = 0; i < items_each; ++i) {
    delays.sleep(between_items[self]);
    end->push(item_of(self, i));
    ++traffic.produced;
    say("producer {} put {}", self, item_of(self, i));
  }
}

void consume(thread_queue& queue, traffic& traffic, pace delays, std::size_t self,
             const std::stop_token& token) {
  const auto end = queue.make_consumer();
  item next;
  while (end->pop(next, token) == op_status::success) {
    say("consumer {} took {}", self, next.value());
    delays.sleep(work[self]);
    ++traffic.consumed;
    end->task_done();
  }
  say("consumer {} was cancelled, as planned", self);
}

void on_threads(thread_queue& queue, pace delays) {
  traffic traffic;
  std::vector<std::jthread> producing;
  for (std::size_t i = 0; i < producers; ++i)
    producing.push_back(start([&, i] { produce(queue, traffic, delays, i); }));
  std::vector<std::jthread> consuming;
  for (std::size_t i = 0; i < consumers; ++i)
    consuming.push_back(
        start([&, i](const std::stop_token& token) { consume(queue, traffic, delays, i, token); }));

  for (std::jthread& one : producing) one.join();
  say("both producers have ended");
  queue.join();
  say("nothing is in flight any more");
  for (std::jthread& one : consuming) one.request_stop();
  for (std::jthread& one : consuming) one.join();
  say_accounting(traffic, queue.drain(), queue.unfinished());
}

}  // namespace

const pattern pool{
    .name = "pool",
    .sentence = "two producers and two consumers share a pool of two; join(), then a controlled cancellation",
    .program = &program,
    .on_threads = {.run = &on_threads,
                   .needs = {.producers = cardinality::many,
                             .consumers = cardinality::many,
                             .join = true,
                             .cancel = true},
                   .capacity = room}};

}  // namespace handoff::patterns
