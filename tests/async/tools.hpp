// What the tests of the coroutine runtime share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/run.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"
#include "queues/async/yield.hpp"

namespace handoff::async_tests {

using async::cancelled_error;
using async::create_task;
using async::event_loop;
using async::queue;
using async::task;
using async::task_handle;

/// What happened, in order.
using events = std::vector<std::string>;

/// Counts how many are alive.
class counted {
 public:
  explicit counted(int& alive) noexcept : alive_(&alive) { ++*alive_; }
  counted(const counted& other) noexcept : alive_(other.alive_) { ++*alive_; }
  counted& operator=(const counted&) = delete;
  ~counted() { --*alive_; }

 private:
  int* alive_;
};

/// Runs until nothing is ready.
inline void settle(event_loop& loop) {
  while (loop.run_pass()) {
  }
}

/// Puts one item and ends.
inline task<> put_one(queue<int>& q, int item) { co_await q.put(item); }

/// Takes one item and answers it.
inline task<int> get_one(queue<int>& q) {
  const int item = co_await q.get();
  co_return item;
}

/// As `put_one`, and says how it ended.
inline task<> put_and_tell(queue<int>& q, int item, std::string name, events& log) {
  try {
    co_await q.put(item);
    log.push_back(name + " put " + std::to_string(item));
  } catch (const cancelled_error&) {
    log.push_back(name + " cancelled");
    throw;
  } catch (const async::queue_shut_down&) {
    log.push_back(name + " shut down");
  }
}

/// As `get_one`, and says how it ended.
inline task<> get_and_tell(queue<int>& q, std::string name, events& log) {
  try {
    const int item = co_await q.get();
    log.push_back(name + " got " + std::to_string(item));
  } catch (const cancelled_error&) {
    log.push_back(name + " cancelled");
    throw;
  } catch (const async::queue_shut_down&) {
    log.push_back(name + " shut down");
  }
}

/// Waits for `join()` and says so.
inline task<> join_and_tell(queue<int>& q, std::string name, events& log) {
  try {
    co_await q.join();
    log.push_back(name + " joined");
  } catch (const cancelled_error&) {
    log.push_back(name + " cancelled");
    throw;
  }
}

}  // namespace handoff::async_tests
