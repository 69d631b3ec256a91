#include "harness/threads/join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/placement.hpp"
#include "harness/rounds.hpp"
#include "harness/stall_watch.hpp"
#include "harness/threads/blocked.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/threads/roles.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

namespace {

class join_rounds final : public join_driver {
  struct alignas(support::separation) consumer_slot {
    std::atomic<std::uint64_t> finished{0};  // items processed, counted before task_done
    std::atomic<std::int64_t> last_ns{0};    // when the latest of them was finished
  };

  /// State that lives through all rounds of a sample, and state that each round resets.
  struct rounds_state {
    rounds_state(const cell& c, queue_maker make, receipt_pages& pages)
        : queue(make(c)),
          pushed(c.producers, 0),
          received(pages, join_round_share(c) * c.producers, c.producers, c.consumers, queue->facts.order),
          consumers(c.consumers) {}

    void begin_round(const cell& c) {
      barrier = std::make_unique<start_barrier>(c.producers + c.consumers + 1);
      running_producers.store(c.producers, std::memory_order_relaxed);  // ordered by the start of the job
      gate_open.store(false, std::memory_order_relaxed);                // as above
      ballast_ns = 0;
    }

    [[nodiscard]] std::uint64_t finished() const noexcept {
      std::uint64_t sum = 0;
      for (const consumer_slot& c : consumers)
        sum += c.finished.load(std::memory_order_acquire);  // (2) partner: (1)
      return sum;
    }

    const std::unique_ptr<any_queue> queue;
    std::vector<std::uint64_t> pushed;  // per producer, all rounds
    receipt_book received;
    std::vector<consumer_slot> consumers;
    std::unique_ptr<start_barrier> barrier;
    std::atomic<unsigned> running_producers{0};
    std::atomic<bool> gate_open{false};  // consumers may finish what they popped
    std::int64_t ballast_ns = 0;         // when the ballast was marked, if consumers were at work then
    std::binary_semaphore all_pushed{0};
    std::binary_semaphore joining{0};
    std::binary_semaphore joined{0};
    std::int64_t joined_ns = 0;
    std::uint64_t finished_at_join = 0;
    std::string wrong;
  };

 public:
  join_rounds(const cell& c, const session_options& options, queue_maker make,
              std::unique_ptr<any_stream> counting)
      : cell_(c),
        options_(options),
        make_(make),
        where_(c.pin),
        team_(c.producers + c.consumers + 1, where_),
        counting_(std::move(counting)),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)) {}

  any_stream& counting() noexcept override { return *counting_; }

  void begin() override { state_.emplace(cell_, make_, pages_); }

  /// The coordinator holds one item, the ballast, from before the workers start until everything is pushed;
  /// otherwise join() could rightly return at a moment when the consumers have caught up with the producers.
  std::optional<double> round() override {
    rounds_state& state = *state_;
    any_queue& queue = *state.queue;
    const std::uint64_t share = join_round_share(cell_);
    const std::uint64_t before = state.finished();
    state.begin_round(cell_);
    const std::function<void(unsigned)> job = [&](unsigned worker) {
      run_worker(queue, state, worker, share);
    };
    or_abandon("the coordinator", [&] {
      const auto ballast = take_ballast(queue);
      team_.start(job);
      coordinate(queue, *ballast, state, before + share * cell_.producers);
      push_markers(queue, cell_.consumers);
    });
    team_.wait();
    state.received.settle();
    for (std::uint64_t& pushed : state.pushed) pushed += share;
    if (state.finished_at_join < before + share * cell_.producers)
      state.wrong = fmt::format("join returned when {} of {} items were done",
                                state.finished_at_join - before, share * cell_.producers);
    std::int64_t last_ns = state.ballast_ns;
    for (const consumer_slot& c : state.consumers)
      last_ns =
          std::max(last_ns, c.last_ns.load(std::memory_order_relaxed));  // ordered by the end of the job
    if (state.wrong.empty() && state.joined_ns < last_ns)
      state.wrong = "join returned before the last item was processed";
    if (!state.wrong.empty()) return std::nullopt;
    return static_cast<double>(state.joined_ns - last_ns);
  }

  std::string end() override {
    std::string wrong = state_->wrong.empty() ? state_->received.verdict(state_->pushed) : state_->wrong;
    state_.reset();
    return wrong;
  }

 private:
  static std::unique_ptr<any_consumer> take_ballast(any_queue& queue) {
    expect_success(queue.producer()->push(make_key(0, 0)), "push");
    auto consumer = queue.consumer();
    expect_success(consumer->pop().status, "pop");
    return consumer;
  }

  /// Opens the gate when the joiner waits. If all items of the round fit into the queue, they are pushed
  /// before that; otherwise the ballast may be the last item done.
  void coordinate(any_queue& queue, any_consumer& ballast, rounds_state& state, std::uint64_t expected) {
    const bool fits = !cell_.capacity || *cell_.capacity >= join_round_share(cell_) * cell_.producers;
    if (fits) {
      state.all_pushed.acquire();
      ballast.task_done();
    }
    state.joining.acquire();
    await_blocked({team_.thread_id(team_.size() - 1)}, *cell_.wait);
    state.gate_open.store(true, std::memory_order_release);  // (3) partner: (4)
    if (!fits) {
      state.all_pushed.acquire();
      state.ballast_ns = now_ns();
      ballast.task_done();
    }
    await_joined(queue, state, expected);
  }

  void await_joined(any_queue& queue, rounds_state& state, std::uint64_t expected) {
    stall_watch still(options_.stall_limit);
    while (!state.joined.try_acquire_for(still.between_looks())) {
      const std::uint64_t finished = state.finished();
      if (!still.stands_still(finished, [this] { return team_.all_sleep(); })) continue;
      if (finished < expected) give_up_stalled(queue, finished, expected);
      abandon(sample_status::timeout, "join did not return although every item was done");
    }
  }

  void run_worker(any_queue& queue, rounds_state& state, unsigned worker, std::uint64_t share) {
    if (worker == cell_.producers + cell_.consumers) return run_joiner(queue, state);
    const role r = role_of(worker, cell_.producers, cell_.consumers);
    if (!r.produces) return run_consumer(queue, state, r.index);
    const auto handle = queue.producer();
    state.barrier->arrive_and_wait();
    push_items(*handle, r.index, state.pushed[r.index], share, [&] { work(turns_producer_); });
    // (5) release: partner itself, acquire: the last one passes on, through the semaphore, what all have
    // pushed
    if (state.running_producers.fetch_sub(1, std::memory_order_acq_rel) == 1) state.all_pushed.release();
  }

  void run_joiner(any_queue& queue, rounds_state& state) {
    state.barrier->arrive_and_wait();
    state.joining.release();
    queue.join();
    state.joined_ns = now_ns();
    state.finished_at_join = state.finished();
    state.joined.release();
  }

  void run_consumer(any_queue& queue, rounds_state& state, unsigned index) {
    const auto handle = queue.consumer();
    consumer_slot& slot = state.consumers[index];
    bool passed_gate = false;
    state.barrier->arrive_and_wait();
    const auto after_pop = [&](std::uint64_t) {
      if (!passed_gate) {
        while (!state.gate_open.load(std::memory_order_acquire))
          std::this_thread::yield();  // (4) partner: (3)
        passed_gate = true;
      }
      work(turns_consumer_);
      slot.last_ns.store(now_ns(), std::memory_order_relaxed);  // ordered by (1)
      // relaxed: nobody else writes it; (1) release: partner (2)
      slot.finished.store(slot.finished.load(std::memory_order_relaxed) + 1, std::memory_order_release);
      handle->task_done();
    };
    expect_success(pop_items([&] { return handle->pop(); }, state.received.of(index), after_pop), "pop");
    handle->task_done();  // the marker
  }

  const cell cell_;
  const session_options options_;
  const queue_maker make_;
  const placement where_;
  team team_;
  receipt_pages pages_;
  std::optional<rounds_state> state_;
  const std::unique_ptr<any_stream> counting_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
};

}  // namespace

std::unique_ptr<join_driver> join_rounds_of(const cell& c, const session_options& options, queue_maker make,
                                            std::unique_ptr<any_stream> counting) {
  return std::make_unique<join_rounds>(c, options, make, std::move(counting));
}

}  // namespace handoff::harness::threads
