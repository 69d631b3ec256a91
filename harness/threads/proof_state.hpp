// State shared by the workers of one proof run on threads, for any queue: see order_proof.hpp.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <semaphore>
#include <vector>

#include "harness/cell.hpp"
#include "harness/threads/history.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/workers.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

enum class manner : unsigned char {
  at_will,   ///< as in a sample: operations overlap as they please
  in_turns,  ///< one push at a time, and one pop, the workers of a side in turn: no two of a kind overlap
};

/// Lets the workers of one side run one after another, or all at once.
class turns {
 public:
  turns(manner how, unsigned workers);

  /// Sleeps until it is this worker's turn: if threads outnumber cores, a worker that polled would keep a
  /// core from the one whose turn it is.
  void await(unsigned worker) {
    if (!turn_of_.empty()) turn_of_[worker].acquire();
  }
  /// Called by the worker whose turn it is.
  void pass(unsigned worker) {
    if (!turn_of_.empty()) turn_of_[(worker + 1) % turn_of_.size()].release();
  }

 private:
  std::deque<std::binary_semaphore> turn_of_;  // per worker, one of them released; empty: all at once
};

struct proof_state {
  /// `limit`: after that time producers push no more than their fewest items.
  proof_state(const cell& c, manner how, std::chrono::nanoseconds limit);

  /// Called by the last worker to arrive at the start.
  void begin() noexcept;
  /// Any worker; once true for one, true for all.
  [[nodiscard]] bool out_of_time() noexcept;
  /// Whether a producer that has pushed this many items pushes another.
  [[nodiscard]] bool goes_on(std::uint64_t pushed) noexcept;
  /// Called by a producer whose handle is gone.
  void producer_done() noexcept;

  const std::uint64_t fewest;  // items per producer, however long they take
  const std::uint64_t most;
  const std::chrono::nanoseconds limit;
  start_barrier barrier;
  turns pushing, popping;
  history record;
  std::vector<published_count> received;
  std::int64_t deadline_ns = 0;
  alignas(support::separation) std::atomic<bool> over{false};
  std::atomic<unsigned> running_producers;
  std::binary_semaphore producers_done{0};
};

}  // namespace handoff::harness::threads
