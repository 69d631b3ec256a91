// One producer, one consumer, and a queue without bound. Both know how many items there are, so nothing has
// to tell the consumer to stop: the program ends when both have.
#include <chrono>
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

constexpr int items = 3;
constexpr auto between_items = 1s;

async::task<> producer(shared_queue with) {
  for (int i = 0; i < items; ++i) {
    co_await async::sleep(between_items);
    const item next = i;
    co_await with->queue.put(next);
    ++with->items.produced;
    say("produced {}", i);
  }
}

async::task<> consumer(shared_queue with) {
  for (int i = 0; i < items; ++i) {
    const item next = co_await with->queue.get();
    ++with->items.consumed;
    say("consumed {}", next.value());
  }
}

async::task<> program() {
  const shared_queue with = make_queue();
  std::vector<async::task_handle<>> both;
  both.push_back(async::create_task(producer(with), "producer"));
  both.push_back(async::create_task(consumer(with), "consumer"));
  co_await async::gather(std::move(both));
  say_accounting(*with);
}

void on_threads(thread_queue& queue, pace delays) {
  traffic traffic;
  std::jthread producer = start([&] {
    const auto end = queue.make_producer();
    for (int i = 0; i < items; ++i) {
      delays.sleep(between_items);
      end->push(i);
      ++traffic.produced;
      say("produced {}", i);
    }
  });
  std::jthread consumer = start([&] {
    const auto end = queue.make_consumer();
    item next;
    for (int i = 0; i < items; ++i) {
      end->pop(next);
      ++traffic.consumed;
      say("consumed {}", next.value());
    }
  });
  producer.join();
  consumer.join();
  say_accounting(traffic, queue.drain(), queue.unfinished());
}

}  // namespace

const pattern simple{.name = "simple",
                     .sentence = "one producer hands three numbers to one consumer; both know when to end",
                     .program = &program,
                     .on_threads = {.run = &on_threads}};

}  // namespace handoff::patterns
