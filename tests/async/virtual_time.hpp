// What the tests in virtual time share: a loop whose clock jumps from timer to timer, and coroutines that
// take a while, or forever.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/sleep.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

using namespace std::chrono_literals;
using async::nanoseconds;

class virtual_loop final : public event_loop {
 public:
  virtual_loop() noexcept : event_loop(async::loop_clock::virtual_time) {}
};

/// Runs until nothing will ever be ready.
inline void run_all(event_loop& loop) {
  while (loop.run_once()) {
  }
}

/// `what`, and the loop's time in milliseconds.
inline std::string at(const event_loop& loop, const std::string& what) {
  return what + " at " +
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(loop.time()).count());
}

inline task<> sleep_for(nanoseconds delay) { co_await async::sleep(delay); }

inline task<int> answer_after(nanoseconds delay, int value) {
  co_await async::sleep(delay);
  co_return value;
}

inline task<int> fail_after(nanoseconds delay, std::string why) {
  co_await async::sleep(delay);
  throw std::runtime_error(why);
  co_return 0;
}

/// Waits for `flag`; a cancellation takes it `cleanup` to obey.
inline task<int> obey_slowly(async::event& flag, nanoseconds cleanup) {
  bool cancelled = false;
  try {
    co_await flag.wait();
  } catch (const cancelled_error&) {
    cancelled = true;
  }
  if (cancelled) {
    co_await async::sleep(cleanup);
    throw cancelled_error{};
  }
  co_return 0;
}

/// Waits for `flag`; if it is cancelled, answers `value` all the same.
inline task<int> answer_when_cancelled(async::event& flag, int value) {
  try {
    co_await flag.wait();
  } catch (const cancelled_error&) {
  }
  co_return value;
}

inline task<> wait_on(async::event& flag) { co_await flag.wait(); }

/// Runs `work` and says how it ended, and when: "NAME ended at 10"; else cancelled, timed out, or failed. A
/// cancellation goes on.
inline task<> tell(event_loop& loop, std::string name, task<> work, events& log) {
  try {
    co_await std::move(work);
    log.push_back(at(loop, name + " ended"));
  } catch (const cancelled_error&) {
    log.push_back(at(loop, name + " cancelled"));
    throw;
  } catch (const async::timeout_error&) {
    log.push_back(at(loop, name + " timed out"));
  } catch (const std::exception& error) {
    log.push_back(at(loop, name + " failed: " + error.what()));
  }
}

}  // namespace handoff::async_tests
