#include "harness/threads/shutdown.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/clock.hpp"
#include "harness/placement.hpp"
#include "harness/rounds.hpp"
#include "harness/threads/blocked.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/thread_state.hpp"
#include "harness/threads/workers.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

namespace {

class shutdown_rounds final : public shutdown_driver {
 public:
  shutdown_rounds(const cell& c, const session_options& options, queue_maker make)
      : cell_(c), options_(options), make_(make), where_(c.pin) {}

  /// After the consumers' places: the stop action is measured, too.
  [[nodiscard]] temporary_place place() const override { return {where_, cell_.consumers}; }

  /// Throws std::runtime_error if a consumer's thread cannot be started or placed.
  shutdown_outcome round() override {
    stopping_.store(false, std::memory_order_relaxed);  // ordered by the creation of the threads
    const auto queue = make_(cell_);
    std::vector<consumer_slot> slots(cell_.consumers);
    std::vector<published_count> published(cell_.consumers);
    receipt_book received(pages_, shutdown_round_items(cell_), 1, cell_.consumers, queue->facts.order);
    const std::function<void(unsigned)> job = [&](unsigned i) {
      run_consumer(*queue, slots[i], received.of(i), published[i]);
    };
    team consumers(cell_.consumers, where_);
    consumers.start_last(job);
    return or_abandon("the coordinator",
                      [&] { return drive(*queue, slots, published, received, consumers); });
  }

 private:
  struct alignas(support::separation) consumer_slot {
    std::atomic<pid_t> id{0};  // 0: not announced yet
    std::int64_t left_ns = 0;
    op_status ended_with = op_status::success;
    std::stop_source stop;
  };

  /// The coordinator's side of a round, while the consumers run.
  shutdown_outcome drive(any_queue& queue, std::vector<consumer_slot>& slots,
                         const std::vector<published_count>& published, receipt_book& received,
                         team& consumers) {
    const auto producer = queue.producer();
    push_items(*producer, 0, 0, shutdown_round_items(cell_), [] {});
    await_consumed(
        queue, consumers, [&] { return sum_of(published); }, shutdown_round_items(cell_),
        options_.stall_limit);
    await_blocked(announced(slots), *cell_.wait);
    for (unsigned i = 0; i < markers_to_stop(cell_); ++i) producer->prepare(marker_key);  // before the window

    stopping_.store(true, std::memory_order_relaxed);  // ordered by the stop action itself
    const std::int64_t start_ns = stop(queue, *producer, slots);
    consumers.join();
    const std::int64_t joined_ns = now_ns();

    shutdown_outcome r;
    std::int64_t last_ns = start_ns;
    for (const consumer_slot& slot : slots) last_ns = std::max(last_ns, slot.left_ns);
    r.left_ns = static_cast<double>(last_ns - start_ns);
    r.ended_ns = static_cast<double>(joined_ns - start_ns);
    received.settle();
    r.wrong = received.verdict({shutdown_round_items(cell_)});
    if (r.wrong.empty()) r.wrong = wrong_end(*producer, slots);
    return r;
  }

  static std::vector<pid_t> announced(const std::vector<consumer_slot>& slots) {
    std::vector<pid_t> ids;
    for (const consumer_slot& slot : slots) {
      pid_t id = 0;  // relaxed: a number to ask the kernel about; nothing is read through it
      while ((id = slot.id.load(std::memory_order_relaxed)) == 0) std::this_thread::yield();
      ids.push_back(id);
    }
    return ids;
  }

  void run_consumer(any_queue& queue, consumer_slot& slot, receipts& received, published_count& published) {
    if (cell_.stop != stop_protocol::relay)
      return consume_until_stopped(queue, slot, received, published, [] {});
    // The handle that passes the marker on is made before the window: it may allocate or register.
    const auto producer = queue.producer();
    producer->prepare(marker_key);
    consume_until_stopped(queue, slot, received, published, [&] { producer->push_all_prepared(); });
  }

  template <class HandOn>
  void consume_until_stopped(any_queue& queue, consumer_slot& slot, receipts& received,
                             published_count& published, HandOn hand_on) {
    const auto handle = queue.consumer();
    const std::stop_token token = slot.stop.get_token();
    slot.id.store(current_thread_id(), std::memory_order_relaxed);  // as in announced()
    const bool is_cancelled = cell_.stop == stop_protocol::join_cancel;
    const auto pop = [&] { return is_cancelled ? handle->pop(token) : handle->pop(); };
    const auto after_pop = [&](std::uint64_t count) {
      if (is_cancelled) handle->task_done();
      published.publish(count);
    };
    slot.ended_with = pop_items(pop, received, after_pop);
    // relaxed: the answer that ends the loop comes after the stop action, which orders the store
    if (!stopping_.load(std::memory_order_relaxed)) expect_success(slot.ended_with, "pop");
    hand_on();
    slot.left_ns = now_ns();
  }

  /// The stop action. Returns when it began.
  std::int64_t stop(any_queue& queue, any_producer& producer, std::vector<consumer_slot>& slots) {
    if (cell_.stop == stop_protocol::close) return queue.close();
    if (cell_.stop != stop_protocol::join_cancel) return producer.push_all_prepared();
    const std::int64_t began_ns = queue.join();
    for (consumer_slot& slot : slots) slot.stop.request_stop();
    return began_ns;
  }

  /// Empty if every consumer left for the reason that it was given, and a closed queue rejects a push.
  std::string wrong_end(any_producer& producer, const std::vector<consumer_slot>& slots) const {
    for (const consumer_slot& slot : slots)
      if (std::string wrong = wrong_answer(slot.ended_with, *cell_.stop); !wrong.empty()) return wrong;
    if (cell_.stop == stop_protocol::close)
      if (const op_status status = producer.push(make_key(0, 0)); status != op_status::closed)
        return fmt::format("a push after close was answered {}", to_string(status));
    return {};
  }

  const cell cell_;
  const session_options options_;
  const queue_maker make_;
  const placement where_;
  receipt_pages pages_;
  std::atomic<bool> stopping_{false};
};

}  // namespace

std::unique_ptr<shutdown_driver> shutdown_rounds_of(const cell& c, const session_options& options,
                                                    queue_maker make) {
  return std::make_unique<shutdown_rounds>(c, options, make);
}

}  // namespace handoff::harness::threads
