// Where a test may stop a thread inside a deque.
//
// Every deque of this room has a last template parameter, Steps, and calls `Steps::pass()` between two steps
// that other threads can tell apart. With `no_steps` that is nothing at all, also in the generated code. A
// test gives steps of its own, which let other threads act in between, so that a schedule that a machine
// shows once in a million runs is a line in a test (tests/stealing).
#pragma once

namespace handoff::stealing {

struct no_steps {
  [[gnu::always_inline]] static constexpr void pass() noexcept {}
};

}  // namespace handoff::stealing
