// Two producers that put one None each when they have no more, and as many consumers, each of which leaves at
// the first None that it takes. So a consumer may leave while the other producer still works: it matters only
// that there are as many markers as consumers, and that the last marker comes after every item.
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
constexpr std::size_t consumers = producers;
constexpr std::array items{3, 5};                  // a producer
constexpr std::array between_items{210ms, 340ms};  // a producer
constexpr std::array work{450ms, 610ms};           // a consumer

/// Tells whose item it is: 0, 1, … of producer 0, and 100, 101, … of producer 1.
constexpr int item_of(std::size_t producer, int number) { return static_cast<int>(producer) * 100 + number; }

async::task<> producer(shared_queue with, std::size_t self) {
  for (int i = 0; i < items[self]; ++i) {
    const item next = item_of(self, i);
    co_await with->queue.put(next);
    ++with->items.produced;
    say("producer {} added {}", self, *next);
    co_await async::sleep(between_items[self]);
  }
  const item none;
  co_await with->queue.put(none);
  say("producer {} added None", self);
}

async::task<> consumer(shared_queue with, std::size_t self) {
  for (;;) {
    const item next = co_await with->queue.get();
    if (!next) break;
    say("consumer {} took {}", self, *next);
    co_await async::sleep(work[self]);
    ++with->items.consumed;
    with->queue.task_done();
  }
  with->queue.task_done();
  say("consumer {} took None and leaves", self);
}

async::task<> program() {
  const shared_queue with = make_queue();
  std::vector<async::task_handle<>> all;
  for (std::size_t i = 0; i < producers; ++i)
    all.push_back(async::create_task(producer(with, i), "producer " + std::to_string(i)));
  for (std::size_t i = 0; i < consumers; ++i)
    all.push_back(async::create_task(consumer(with, i), "consumer " + std::to_string(i)));
  co_await async::gather(std::move(all));
  say_accounting(*with);
}

void produce(thread_queue& queue, traffic& traffic, pace delays, std::size_t self) {
  const auto end = queue.make_producer();
  for (int i = 0; i < items[self]; ++i) {
    end->push(item_of(self, i));
    ++traffic.produced;
    say("producer {} added {}", self, item_of(self, i));
    delays.sleep(between_items[self]);
  }
  end->push({});
  say("producer {} added None", self);
}

void consume(thread_queue& queue, traffic& traffic, pace delays, std::size_t self) {
  const auto end = queue.make_consumer();
  item next;
  for (end->pop(next); next; end->pop(next)) {
    say("consumer {} took {}", self, *next);
    delays.sleep(work[self]);
    ++traffic.consumed;
    end->task_done();
  }
  end->task_done();
  say("consumer {} took None and leaves", self);
}

void on_threads(thread_queue& queue, pace delays) {
  traffic traffic;
  std::vector<std::jthread> all;
  for (std::size_t i = 0; i < producers; ++i)
    all.push_back(start([&, i] { produce(queue, traffic, delays, i); }));
  for (std::size_t i = 0; i < consumers; ++i)
    all.push_back(start([&, i] { consume(queue, traffic, delays, i); }));
  for (std::jthread& one : all) one.join();
  say_accounting(traffic, queue.drain(), queue.unfinished());
}

}  // namespace

const pattern none_each{
    .name = "none_each",
    .sentence =
        "two producers put a None each at their end; each of two consumers leaves at the first it takes",
    .program = &program,
    .on_threads = {
        .run = &on_threads,
        .needs = {.producers = cardinality::many, .consumers = cardinality::many, .markers = true}}};

}  // namespace handoff::patterns
