// Any queue for threads as an any_queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

#include "harness/clock.hpp"
#include "harness/first_items.hpp"
#include "harness/item.hpp"
#include "harness/threads/any_queue.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness::threads {

template <class Queue>
class erased_producer final : public any_producer {
 public:
  explicit erased_producer(Queue& queue) : handle_(queue.producer()) {}

  void prepare(item_key key) override {
    if (next_ == items_.size()) {
      items_.clear();
      next_ = 0;
    }
    items_.push_back(item_codec<item>::make(key));
  }
  op_status push_prepared() override { return handle_.push(std::move(items_.at(next_++))); }
  std::int64_t push_all_prepared() override {
    const std::int64_t began_ns = now_ns();
    while (next_ != items_.size()) expect_success(push_prepared(), "push of a marker");
    return began_ns;
  }

 private:
  using item = typename Queue::value_type;

  producer_handle<Queue> handle_;
  std::vector<item> items_;
  std::size_t next_ = 0;  // the first that is not pushed
};

template <class Queue>
class erased_consumer final : public any_consumer {
 public:
  explicit erased_consumer(Queue& queue) : handle_(queue.consumer()) {}

  popped pop() override { return result(handle_.pop(item_)); }
  popped pop([[maybe_unused]] const std::stop_token& token) override {
    if constexpr (cancellable_queue<Queue>) return result(handle_.pop(item_, token));
    throw std::logic_error("this queue does not cancel");
  }
  popped try_pop() override {
    if constexpr (try_queue<Queue>) return result(handle_.try_pop(item_));
    throw std::logic_error("this queue does not try");
  }
  void task_done() override {
    if constexpr (counts_done<Queue>) handle_.task_done();
  }

 private:
  using codec = item_codec<typename Queue::value_type>;

  popped result(op_status status) const noexcept {
    if (status != op_status::success) return {status};
    return {status, codec::intact(item_), codec::key(item_)};
  }

  consumer_handle<Queue> handle_;
  typename Queue::value_type item_{};
};

template <class Queue>
class erased_queue final : public any_queue {
 public:
  /// The queue lies alone on the heap, where the plain loops that it is held against have theirs.
  explicit erased_queue(std::unique_ptr<Queue> queue) noexcept
      : any_queue({.order = Queue::traits.order,
                   .tries = try_queue<Queue>,
                   .cancels = cancellable_queue<Queue>,
                   .closes = closable<Queue>,
                   .joins = joinable<Queue>}),
        queue_(std::move(queue)) {}

  /// The queue in an any_queue that `make_queue<Queue>` has made.
  static Queue& inside(any_queue& erased) noexcept { return *static_cast<erased_queue&>(erased).queue_; }

  std::unique_ptr<any_producer> producer() override {
    return std::make_unique<erased_producer<Queue>>(*queue_);
  }
  std::unique_ptr<any_consumer> consumer() override {
    return std::make_unique<erased_consumer<Queue>>(*queue_);
  }
  std::int64_t close() override {
    const std::int64_t began_ns = now_ns();
    if constexpr (closable<Queue>)
      queue_->close();
    else
      throw std::logic_error("this queue does not close");
    return began_ns;
  }
  std::int64_t join() override {
    const std::int64_t began_ns = now_ns();
    if constexpr (joinable<Queue>)
      queue_->join();
    else
      throw std::logic_error("this queue does not join");
    return began_ns;
  }

 private:
  const std::unique_ptr<Queue> queue_;
};

/// The queue_maker of this type of queue.
template <class Queue>
std::unique_ptr<any_queue> make_queue(const cell& c) {
  auto made = std::make_unique<erased_queue<Queue>>(std::make_unique<Queue>(capacity_of(c)));
  touch(*made, c);
  return made;
}

}  // namespace handoff::harness::threads
