// A producer that is faster than its consumer, a queue of three that holds it back, and three signals
// that the work is over: a marker tells the consumer, join() tells main, and the cancellation at the end,
// which a consumer without a marker would need, comes too late here.
#include <chrono>
#include <utility>

#include "examples/support/pattern.hpp"
#include "examples/support/shared_queue.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::patterns {

namespace {

using namespace std::chrono_literals;

constexpr int items = 6;
constexpr int room = 3;
constexpr auto between_items = 300ms;
constexpr auto work = 800ms;

async::task<> producer(shared_queue with) {
  for (int i = 0; i < items; ++i) {
    co_await async::sleep(between_items);
    if (with->queue.full()) say("the queue is full: {} waits for room", i);
    const item next = i;
    co_await with->queue.put(next);
    ++with->items.produced;
    say("produced {}, now {} in the queue", i, with->queue.qsize());
  }
  const item marker;
  co_await with->queue.put(marker);
  say("the producer put its marker");
}

async::task<> consumer(shared_queue with) {
  for (;;) {
    const item next = co_await with->queue.get();
    if (!next) break;
    co_await async::sleep(work);
    ++with->items.consumed;
    say("consumed {}", *next);
    with->queue.task_done();
  }
  say("the consumer took the marker");
  with->queue.task_done();
}

async::task<> program() {
  const shared_queue with = make_queue(room);
  const async::task_handle<> producing = async::create_task(producer(with), "producer");
  const async::task_handle<> consuming = async::create_task(consumer(with), "consumer");
  co_await producing;
  say("the producer has ended");
  co_await with->queue.join();
  say("every item has been processed");
  const bool cancelled = consuming.cancel();
  say("{}", cancelled ? "the consumer was cancelled" : "nothing to cancel: the consumer has ended");
  say_accounting(*with);
}

void produce(thread_queue& queue, traffic& traffic, pace delays) {
  const auto end = queue.make_producer();
  for (int i = 0; i < items; ++i) {
    delays.sleep(between_items);
    end->push(i);
    ++traffic.produced;
    say("produced {}", i);
  }
  end->push({});
  say("the producer put its marker");
}

void consume(thread_queue& queue, traffic& traffic, pace delays) {
  const auto end = queue.make_consumer();
  item next;
  for (end->pop(next); next; end->pop(next)) {
    delays.sleep(work);
    ++traffic.consumed;
    say("consumed {}", *next);
    end->task_done();
  }
  say("the consumer took the marker");
  end->task_done();
}

void on_threads(thread_queue& queue, pace delays) {
  traffic traffic;
  std::jthread producing = start([&] { produce(queue, traffic, delays); });
  std::jthread consuming = start([&] { consume(queue, traffic, delays); });
  producing.join();
  say("the producer has ended");
  queue.join();
  say("every item has been processed");
  consuming.join();  // no cancellation: a thread that has seen its marker ends by itself
  say_accounting(traffic, queue.drain(), queue.unfinished());
}

}  // namespace

const pattern bounded{
    .name = "bounded",
    .sentence = "a queue of three holds a fast producer back; a marker ends the consumer, join() tells main",
    .program = &program,
    .on_threads = {.run = &on_threads, .needs = {.join = true, .markers = true}, .capacity = room}};

}  // namespace handoff::patterns
