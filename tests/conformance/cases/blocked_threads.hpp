// Threads that stay blocked in an operation while the test continues.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/subject.hpp"
#include "tests/support/patient.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

/// Starts threads that each run one operation that must wait, and collects their statuses.
class blocked_threads {
 public:
  blocked_threads() = default;
  blocked_threads(const blocked_threads&) = delete;
  blocked_threads& operator=(const blocked_threads&) = delete;
  ~blocked_threads() { join(); }

  /// A pop through the thread's own consumer handle; the popped key is kept with the status.
  void pop(any_queue& queue, std::function<op_status(any_consumer&, item_key&)> operation) {
    start([&queue, operation = std::move(operation)](entry& me) {
      const auto consumer = queue.consumer();
      me.where.announce();
      me.answer = operation(*consumer, me.key);
    });
  }

  void push(any_queue& queue, std::function<op_status(any_producer&)> operation) {
    start([&queue, operation = std::move(operation)](entry& me) {
      const auto producer = queue.producer();
      me.where.announce();
      me.answer = operation(*producer);
    });
  }

  void wait_until_blocked() const {
    for (const auto& e : entries_) e->where.wait_until_blocked();
  }

  /// Waits until all of them have returned.
  void join() {
    for (const auto& e : entries_)
      if (e->thread.joinable()) e->thread.join();
  }
  void join(std::size_t index) { entries_[index]->thread.join(); }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// After `join`.
  [[nodiscard]] op_status answer(std::size_t index) const { return entries_[index]->answer; }
  [[nodiscard]] item_key key(std::size_t index) const { return entries_[index]->key; }

 private:
  struct entry {
    testing_support::presence where;
    op_status answer = op_status::full;  // never returned by an operation that waits
    item_key key = 0;
    std::thread thread;
  };

  template <class Work>
  void start(Work work) {
    auto& e = *entries_.emplace_back(std::make_unique<entry>());
    e.thread = std::thread([&e, work = std::move(work)] {
      testing_support::let_the_waker_go_on();
      work(e);
    });
  }

  std::vector<std::unique_ptr<entry>> entries_;
};

}  // namespace handoff::conformance
