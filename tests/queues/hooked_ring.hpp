// A ring that lets a test step in where a thread may lose its core: between an attempt that found the ring
// full or empty and whatever its caller does next, and in the middle of a push.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "tests/queues/plain_ring.hpp"

namespace handoff::queue_tests {

/// What the calling thread does at these points; null: nothing.
struct hooks {
  std::function<void()> after_failed_attempt;
  std::function<void()> before_insertion;  // let in, and not inside yet
};
inline thread_local hooks my_hooks;

template <class T>
class hooked_ring {
 public:
  using value_type = T;
  static constexpr backend_traits traits = [] {
    backend_traits same = plain_ring<T>::traits;
    same.name = "hooked_ring";
    return same;
  }();

  explicit hooked_ring(std::size_t capacity) : ring_(capacity) {}
  hooked_ring& producer() { return *this; }
  hooked_ring& consumer() { return *this; }

  op_status try_push(T&& item) {
    if (my_hooks.before_insertion) my_hooks.before_insertion();
    return told(ring_.try_push(std::move(item)));
  }
  op_status try_pop(T& item) { return told(ring_.try_pop(item)); }

 private:
  static op_status told(op_status status) {
    if (status != op_status::success && my_hooks.after_failed_attempt) my_hooks.after_failed_attempt();
    return status;
  }

  plain_ring<T> ring_;
};

static_assert(try_queue<hooked_ring<int>>);

}  // namespace handoff::queue_tests
