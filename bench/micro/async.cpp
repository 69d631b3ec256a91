#include "bench/micro/async.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/micro/bare_coroutine_queue.hpp"
#include "bench/micro/paired.hpp"
#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "queues/async/event.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/run.hpp"
#include "queues/async/sleep.hpp"
#include "queues/coroutine.hpp"

namespace handoff::bench {

namespace {

using async::task;

constexpr std::size_t million = 1'000'000;

/// Nanoseconds from one call of `lap` to the next.
class stopwatch {
 public:
  double lap() noexcept {
    const std::int64_t now = harness::now_ns();
    return static_cast<double>(now - std::exchange(last_, now));
  }

 private:
  std::int64_t last_ = harness::now_ns();
};

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

task<> wait_for_event(async::event& event) { co_await event.wait(); }

/// A million tasks that wait for one event. The time is per task: made, started, woken and destroyed, in
/// memory that an earlier round has left (`first_ns`: without); `bytes`: what the first round added to the
/// process, per task.
void waiting_task(benchmark::State& state) {
  constexpr int rounds = 7;
  std::vector<double> create, start, wake, whole;
  const double before = resident_bytes();
  double bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (int round = 0; round < rounds; ++round) {
      async::event_loop loop;
      async::event event(loop);
      stopwatch watch;
      for (std::size_t i = 0; i < million; ++i) async::create_task(loop, wait_for_event(event));
      create.push_back(watch.lap() / million);
      loop.run_pass();
      start.push_back(watch.lap() / million);
      if (round == 0) {
        bytes = (resident_bytes() - before) / million;
        watch.lap();
      }
      event.set();
      loop.run_pass();
      wake.push_back(watch.lap() / million);
      whole.push_back(create.back() + start.back() + wake.back());
      if (loop.pending_tasks() != 0) throw std::logic_error("tasks are left that nobody woke");
    }
    state.counters["first_ns"] = whole.front();
    for (std::vector<double>* times : {&create, &start, &wake, &whole}) times->erase(times->begin());
    state.SetIterationTime(harness::median(whole) * 1e-9);
    state.counters["create_ns"] = harness::median(create);
    state.counters["start_ns"] = harness::median(start);
    state.counters["wake_and_destroy_ns"] = harness::median(wake);
    state.counters["bytes"] = bytes;
  }
}

class counted_timer final : public async::timer {
 public:
  explicit counted_timer(std::size_t& fired) noexcept : fired_(&fired) {}

 private:
  void fire() override { ++*fired_; }
  std::size_t* fired_;
};

/// A million timers at scattered moments: armed, every other one cancelled, the rest fired. The time is that
/// of all three, per timer.
void timers(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    std::size_t fired = 0;
    async::event_loop loop(async::loop_clock::virtual_time);
    std::vector<std::unique_ptr<counted_timer>> all;
    for (std::size_t i = 0; i < million; ++i) all.push_back(std::make_unique<counted_timer>(fired));
    std::uint64_t random = 1;
    stopwatch watch;
    for (auto& one : all) {
      random = random * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
      loop.arm(*one, std::chrono::nanoseconds(static_cast<std::int64_t>(random >> 34) + 1));
    }
    const double arm = watch.lap() / million;
    for (std::size_t i = 0; i < million; i += 2) loop.disarm(*all[i]);
    const double disarm = watch.lap() / (million / 2);
    if (loop.timers().size() != million / 2) throw std::logic_error("cancelled timers are left");
    watch.lap();
    while (loop.run_once()) {
    }
    const double fire = watch.lap() / (million / 2);
    if (fired != million / 2) throw std::logic_error("not every timer fired once");
    state.SetIterationTime((arm + (disarm + fire) / 2) * 1e-9);
    state.counters["arm_ns"] = arm;
    state.counters["cancel_ns"] = disarm;
    state.counters["fire_ns"] = fire;
  }
}

using item = std::uint64_t;
using status_queue = coroutine<item>;

task<> consume_status(status_queue& queue, std::size_t& ended) {
  auto&& consumer = queue.consumer();
  item out{};
  for (;;) {
    const op_status status = co_await consumer.async_pop(out);
    if (status == op_status::success) continue;
    ++ended;
    co_return;
  }
}

task<> consume_throwing(async::queue<item>& queue) {
  for (;;) {
    const item out = co_await queue.get();
    benchmark::DoNotOptimize(out);
  }
}

enum class way_out { close, cancel_with_status, cancel_with_exception };

/// Nanoseconds per consumer to end `count` of them that are blocked in a pop, including the destruction of
/// their tasks.
double end_consumers(way_out how, std::size_t count) {
  async::runtime runtime;
  async::event_loop& loop = runtime.loop();
  status_queue pops(runtime, 16);
  async::queue<item> gets(loop, 16);
  std::size_t ended = 0;
  std::vector<async::task_handle<void>> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(how == way_out::cancel_with_exception
                      ? async::create_task(loop, consume_throwing(gets))
                      : async::create_task(loop, consume_status(pops, ended)));
  loop.run_pass();
  stopwatch watch;
  if (how == way_out::close)
    pops.close();
  else
    for (const auto& one : all) one.cancel();
  while (loop.run_pass()) {
  }
  all.clear();
  const double each = watch.lap() / static_cast<double>(count);
  if (loop.pending_tasks() != 0) throw std::logic_error("consumers are left");
  return each;
}

void end_waiters(benchmark::State& state, way_out how) {
  constexpr std::size_t consumers = 10'000;
  constexpr int rounds = 21;
  for ([[maybe_unused]] auto _ : state) {
    std::vector<double> each;
    for (int round = 0; round < rounds; ++round) each.push_back(end_consumers(how, consumers));
    state.SetIterationTime(harness::median(each) * 1e-9);
    state.counters["consumers"] = consumers;
  }
}

// The limit: the same stream through the queue with all its semantics and through the bare one.

using bare_queue = bare_coroutine_queue<item>;

bare_task bare_produce(bare_queue& queue, std::uint64_t items) {
  for (item one = 0; one < items; ++one) co_await queue.put(one);
}
bare_task bare_consume(bare_queue& queue, std::uint64_t items, item& sum) {
  for (std::uint64_t i = 0; i < items; ++i) {
    const item one = co_await queue.get();
    sum += one;
  }
}
task<> produce(status_queue& queue, std::uint64_t items) {
  auto&& producer = queue.producer();
  for (item one = 0; one < items; ++one) co_await producer.async_push(item{one});
}
template <bool MarksDone>
task<> consume(status_queue& queue, std::uint64_t items, item& sum) {
  auto&& consumer = queue.consumer();
  for (std::uint64_t i = 0; i < items; ++i) {
    item one{};
    co_await consumer.async_pop(one);
    sum += one;
    if constexpr (MarksDone) consumer.task_done();
  }
}

struct shape {
  std::size_t pairs;
  std::size_t capacity;
};

double bare_seconds(const shape& of, std::uint64_t items) {
  bare_loop loop;
  bare_queue queue(loop, of.capacity);
  item sum = 0;
  std::vector<bare_task> all;
  all.reserve(2 * of.pairs);
  for (std::size_t i = 0; i < of.pairs; ++i) all.push_back(bare_produce(queue, items / of.pairs));
  for (std::size_t i = 0; i < of.pairs; ++i) all.push_back(bare_consume(queue, items / of.pairs, sum));
  stopwatch watch;
  for (bare_task& one : all) one.start(loop);
  loop.run();
  const double time = watch.lap();
  benchmark::DoNotOptimize(sum);
  return time * 1e-9;
}

template <bool MarksDone>
double full_seconds(const shape& of, std::uint64_t items) {
  async::runtime runtime;
  status_queue queue(runtime, of.capacity);
  item sum = 0;
  for (std::size_t i = 0; i < of.pairs; ++i) runtime.spawn(produce(queue, items / of.pairs));
  for (std::size_t i = 0; i < of.pairs; ++i) runtime.spawn(consume<MarksDone>(queue, items / of.pairs, sum));
  stopwatch watch;
  runtime.run();
  const double time = watch.lap();
  benchmark::DoNotOptimize(sum);
  return time * 1e-9;
}

/// `ratio`: throughput of the queue (with cancellation, counting and handles) ÷ that of the bare one, the
/// median of alternating pairs (`lowest` to `highest`), in a stream like that of the throughput rows.
/// `ratio_done`: the same with a task_done for every item.
void limit(benchmark::State& state, shape of) {
  constexpr std::uint64_t items = 1'000'000;
  constexpr std::size_t pairs = 21;
  for ([[maybe_unused]] auto _ : state) {
    double full = 0;
    const auto bare = [&] { return bare_seconds(of, items); };
    const paired_ratio rows =
        measure_pairs(pairs, bare, [&] { return full = full_seconds<false>(of, items); });
    const paired_ratio done = measure_pairs(pairs, bare, [&] { return full_seconds<true>(of, items); });
    state.SetIterationTime(full / items);
    state.counters["ratio"] = rows.median;
    state.counters["lowest"] = rows.lowest;
    state.counters["highest"] = rows.highest;
    state.counters["ratio_done"] = done.median;
  }
}

}  // namespace

std::vector<microbenchmark> async_microbenchmarks() {
  constexpr auto itself = microbenchmark::kind::times_itself;
  const auto end = [](way_out how) { return [how](benchmark::State& state) { end_waiters(state, how); }; };
  std::vector<microbenchmark> all{
      {"async/waiting_task", &waiting_task, itself},
      {"async/timers", &timers, itself},
      {"async/end_waiters/close", end(way_out::close), itself},
      {"async/end_waiters/cancel_with_status", end(way_out::cancel_with_status), itself},
      {"async/end_waiters/cancel_with_exception", end(way_out::cancel_with_exception), itself},
  };
  for (const shape of : {shape{1, 1}, shape{2, 1}, shape{1, 2}, shape{2, 2}, shape{1, 1024}, shape{2, 1024}})
    all.push_back({fmt::format("async/limit/p:{0}/c:{0}/cap:{1}", of.pairs, of.capacity),
                   [of](benchmark::State& state) { limit(state, of); }, itself});
  return all;
}

}  // namespace handoff::bench
