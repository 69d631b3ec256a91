// A bounded queue made by hand from a deque and two events, which shows what async::queue saves its users:
// every change wakes all waiters, and each looks again. Its end is a close: mark_producers_done() lets the
// consumers drain the queue and then answers none.
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "examples/support/accounting.hpp"
#include "examples/support/pattern.hpp"
#include "queues/async/event.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::patterns {

namespace {

using namespace std::chrono_literals;

/// Loop thread only.
class queue_by_hand {
 public:
  explicit queue_by_hand(std::size_t room)
      : room_(room), has_items_(async::running_loop()), has_room_(async::running_loop()) {
    has_room_.set();
  }

  async::task<> put(int value) {
    while (items_.size() >= room_) {
      has_room_.clear();
      co_await has_room_.wait();
    }
    items_.push_back(value);
    has_items_.set();
  }

  /// None when no producer will put any more, and all is taken.
  async::task<std::optional<int>> get() {
    while (items_.empty()) {
      if (producers_done_) co_return std::nullopt;
      has_items_.clear();
      co_await has_items_.wait();
    }
    const int value = items_.front();
    items_.pop_front();
    has_room_.set();
    co_return value;
  }

  void mark_producers_done() {
    producers_done_ = true;
    has_items_.set();
  }

  std::size_t size() const noexcept { return items_.size(); }

 private:
  std::deque<int> items_;
  std::size_t room_;
  bool producers_done_ = false;
  async::event has_items_;
  async::event has_room_;
};

constexpr std::size_t producers = 3;
constexpr std::size_t consumers = 2;
constexpr int items_each = 4;
constexpr std::size_t room = 3;
constexpr std::array between_items{200ms, 310ms, 430ms};  // a producer
constexpr std::array work{370ms, 530ms};                  // a consumer

struct shared {
  queue_by_hand queue{room};
  traffic items;
};

async::task<> producer(std::shared_ptr<shared> with, int self) {
  for (int i = 0; i < items_each; ++i) {
    const int value = self * 100 + i;
    co_await with->queue.put(value);
    ++with->items.produced;
    say("producer {} put {}: {} inside", self, value, with->queue.size());
    co_await async::sleep(between_items[static_cast<std::size_t>(self)]);
  }
  say("producer {} has ended", self);
}

async::task<> consumer(std::shared_ptr<shared> with, std::size_t self) {
  for (;;) {
    const std::optional<int> value = co_await with->queue.get();
    if (!value) break;
    say("consumer {} got {}", self, *value);
    co_await async::sleep(work[self]);
    ++with->items.consumed;
  }
  say("consumer {} found the queue closed and empty", self);
}

async::task<> program() {
  const auto with = std::make_shared<shared>();
  std::vector<async::task_handle<>> producing;
  for (int i = 0; i < static_cast<int>(producers); ++i)
    producing.push_back(async::create_task(producer(with, i), "producer " + std::to_string(i)));
  std::vector<async::task_handle<>> consuming;
  for (std::size_t i = 0; i < consumers; ++i)
    consuming.push_back(async::create_task(consumer(with, i), "consumer " + std::to_string(i)));

  co_await async::gather(std::move(producing));
  with->queue.mark_producers_done();
  say("the producers are marked as done");
  co_await async::gather(std::move(consuming));
  say("produced {}, consumed {}, left in the queue {}", with->items.produced.value(),
      with->items.consumed.value(), with->queue.size());
}

}  // namespace

const pattern async_queue{
    .name = "async_queue",
    .sentence =
        "a queue made by hand from two events; mark_producers_done() closes it, the consumers drain it",
    .program = &program,
    .on_threads = {}};

}  // namespace handoff::patterns
