#include "harness/threads/blocked.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "harness/threads/thread_state.hpp"

namespace handoff::harness {

void await_blocked(const std::vector<pid_t>& threads, wait_kind wait) {
  using namespace std::chrono_literals;
  if (wait != wait_kind::spin && wait != wait_kind::yield) {
    const auto give_up = std::chrono::steady_clock::now() + 100ms;
    for (int in_a_row = 0; std::chrono::steady_clock::now() < give_up;) {
      const bool asleep =
          std::all_of(threads.begin(), threads.end(), [](pid_t id) { return thread_state(id) == 'S'; });
      in_a_row = asleep ? in_a_row + 1 : 0;
      if (in_a_row == 2) return;
      std::this_thread::sleep_for(20us);
    }
  }
  std::this_thread::sleep_for(1ms);
}

}  // namespace handoff::harness
