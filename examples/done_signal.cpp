// One pusher, two pullers, and one DONE for both: a puller that takes it puts it back for the next, and
// leaves. So one DONE stays in the queue forever. Each time it is put it counts as unfinished, and it is
// never reported as done: a join() after this relay would wait forever.
#include <array>
#include <chrono>
#include <string_view>
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

constexpr int items = 8;
constexpr auto between_items = 500ms;
constexpr std::array<std::string_view, 2> pullers{"Ada", "Grace"};
constexpr std::array work{1310ms, 1730ms};  // a puller
constexpr item done_signal_item{};

void say_why_no_join(std::size_t unfinished) {
  say("a join() would wait forever: DONE was put {} times and never reported as done", unfinished);
}

async::task<> pusher(shared_queue with) {
  for (int i = 0; i < items; ++i) {
    const item next = i;
    co_await with->queue.put(next);
    ++with->items.produced;
    say("pushed {}", i);
    co_await async::sleep(between_items);
  }
  co_await with->queue.put(done_signal_item);
  say("pushed DONE");
}

async::task<> puller(shared_queue with, std::size_t self) {
  for (;;) {
    const item next = co_await with->queue.get();
    if (!next) break;
    say("{} pulled {}, {} left", pullers[self], *next, with->queue.qsize());
    co_await async::sleep(work[self]);
    ++with->items.consumed;
    with->queue.task_done();
  }
  with->queue.put_nowait(done_signal_item);
  say("{} pulled DONE and put it back", pullers[self]);
}

async::task<> program() {
  const shared_queue with = make_queue();
  std::vector<async::task_handle<>> all;
  all.push_back(async::create_task(pusher(with), "pusher"));
  for (std::size_t i = 0; i < pullers.size(); ++i)
    all.push_back(async::create_task(puller(with, i), std::string(pullers[i])));
  co_await async::gather(std::move(all));
  say_why_no_join(with->queue.unfinished_tasks());
  say_accounting(*with);
}

void push(thread_queue& queue, traffic& traffic, pace delays) {
  const auto end = queue.make_producer();
  for (int i = 0; i < items; ++i) {
    end->push(i);
    ++traffic.produced;
    say("pushed {}", i);
    delays.sleep(between_items);
  }
  end->push(item(done_signal_item));
  say("pushed DONE");
}

void pull(thread_queue& queue, traffic& traffic, pace delays, std::size_t self) {
  const auto end = queue.make_consumer();
  const auto way_back = queue.make_producer();
  item next;
  for (end->pop(next); next; end->pop(next)) {
    say("{} pulled {}", pullers[self], *next);
    delays.sleep(work[self]);
    ++traffic.consumed;
    end->task_done();
  }
  way_back->push(item(done_signal_item));
  say("{} pulled DONE and put it back", pullers[self]);
}

void on_threads(thread_queue& queue, pace delays) {
  traffic traffic;
  std::vector<std::jthread> all;
  all.push_back(start([&] { push(queue, traffic, delays); }));
  for (std::size_t i = 0; i < pullers.size(); ++i)
    all.push_back(start([&, i] { pull(queue, traffic, delays, i); }));
  for (std::jthread& one : all) one.join();
  say_why_no_join(queue.unfinished());
  say_accounting(traffic, queue.drain(), queue.unfinished());
}

}  // namespace

const pattern done_signal{
    .name = "done_signal",
    .sentence = "one DONE ends two pullers: each puts it back for the next, so that one stays in the queue",
    .program = &program,
    .on_threads = {
        .run = &on_threads,
        .needs = {.producers = cardinality::many, .consumers = cardinality::many, .markers = true}}};

}  // namespace handoff::patterns
