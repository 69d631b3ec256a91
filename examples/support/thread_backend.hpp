// Makes the thread_backend of one backend. Included once per backend, by the file that is generated from
// its handoff_add_backend() line.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "examples/support/thread_queue.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/with_wait.hpp"

namespace handoff::patterns {

template <class Q>
class thread_queue_of final : public thread_queue {
 public:
  explicit thread_queue_of(std::size_t capacity) : queue_(capacity) {}

  std::unique_ptr<producer> make_producer() override { return std::make_unique<producer_end>(*this); }
  std::unique_ptr<consumer> make_consumer() override { return std::make_unique<consumer_end>(*this); }

  void join() override {
    if constexpr (joinable<Q>) queue_.join();
  }

  std::size_t drain() override {
    auto&& end = queue_.consumer();
    item out;
    std::size_t count = 0;
    while (end.try_pop(out) == op_status::success) ++count;
    return count;
  }

 private:
  class producer_end final : public producer {
   public:
    explicit producer_end(thread_queue_of& owner) : owner_(owner), handle_(owner.queue_.producer()) {}

    op_status push(item&& what) override {
      owner_.unfinished_.fetch_add(1, std::memory_order_relaxed);  // here and below: see unfinished_
      const op_status status = handle_.push(std::move(what));
      if (status != op_status::success) owner_.unfinished_.fetch_sub(1, std::memory_order_relaxed);
      return status;
    }

   private:
    thread_queue_of& owner_;
    producer_handle<Q> handle_;
  };

  class consumer_end final : public consumer {
   public:
    explicit consumer_end(thread_queue_of& owner) : owner_(owner), handle_(owner.queue_.consumer()) {}

    op_status pop(item& out) override { return handle_.pop(out); }

    op_status pop(item& out, const std::stop_token& token) override {
      if constexpr (cancellable_queue<Q>)
        return handle_.pop(out, token);
      else
        return handle_.pop(out);
    }

    void task_done() override {
      if constexpr (counts_done<Q>) handle_.task_done();
      owner_.unfinished_.fetch_sub(1, std::memory_order_relaxed);  // see unfinished_
    }

   private:
    thread_queue_of& owner_;
    consumer_handle<Q> handle_;
  };

  Q queue_;
};

/// The operations that `Q` lacks, to follow the backend's name; none if it lacks none.
template <class Q>
std::optional<std::string> what_lacks(const thread_needs& needs) {
  constexpr backend_traits traits = Q::traits;
  if (needs.producers == cardinality::many && traits.producers == cardinality::one)
    return "takes one producer only";
  if (needs.consumers == cardinality::many && traits.consumers == cardinality::one)
    return "takes one consumer only";
  if (needs.markers && traits.order != ordering::fifo && traits.order != ordering::per_producer_fifo)
    return fmt::format("promises only the ordering '{}', in which a marker may overtake items",
                       to_string(traits.order));
  if (needs.join && !joinable<Q>) return "has no join()";
  if (needs.cancel && !cancellable_queue<Q>) return "has no pop that can be cancelled";
  return std::nullopt;
}

/// The forms of one backend that the patterns may run on.
template <template <class> class Backend>
struct thread_forms {
  static constexpr backend_traits traits = Backend<item>::traits;
  using native = support::with_wait<Backend, item, wait_kind::native>;

  template <class Q>
  static constexpr bool usable = blocking_queue<Q>&& try_queue<Q>;
  static constexpr bool waits_natively = traits.waits.contains(wait_kind::native);
  static constexpr bool parks = traits.waits.contains(wait_kind::park);

  static std::optional<std::string> native_lacks(const thread_needs& needs) {
    if constexpr (waits_natively) {
      if constexpr (usable<native>)
        return what_lacks<native>(needs);
      else
        return "has no try_pop to count the items that are left";
    } else {
      return "has no waiting of its own";
    }
  }

  static std::optional<std::string> why_not(const thread_needs& needs) {
    std::optional<std::string> lacks = native_lacks(needs);
    if constexpr (parks) {
      if (lacks) return what_lacks<support::with_wait<Backend, item, wait_kind::park>>(needs);
    }
    return lacks;
  }

  static std::unique_ptr<thread_queue> make(const thread_needs& needs, std::size_t capacity) {
    if constexpr (waits_natively && usable<native>) {
      if (!native_lacks(needs)) return std::make_unique<thread_queue_of<native>>(capacity);
    }
    if constexpr (parks)
      return std::make_unique<thread_queue_of<support::with_wait<Backend, item, wait_kind::park>>>(capacity);
    return nullptr;
  }
};

inline std::optional<std::string> runs_on_a_loop(const thread_needs&) {
  return "runs on coroutines, as the pattern does without --backend";
}

template <template <class> class Backend>
thread_backend make_thread_backend(std::string_view name) {
  if constexpr (Backend<item>::traits.runs_on == execution::threads)
    return {.name = name,
            .lacks = {},
            .why_not = &thread_forms<Backend>::why_not,
            .make = &thread_forms<Backend>::make};
  else
    return {.name = name, .lacks = {}, .why_not = &runs_on_a_loop, .make = nullptr};
}

}  // namespace handoff::patterns
