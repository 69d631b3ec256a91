// A function's turn in the ready list: on the heap, because its scheduler may no longer exist when it
// comes.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include "queues/async/detail/frame_pool.hpp"
#include "queues/async/detail/ready_list.hpp"

namespace handoff::async {

/// Runs once when its turn comes, and is then destroyed. A caller that no longer needs it makes it do
/// nothing: in the ready list it stays.
class callback : public ready_node, public pooled {
 public:
  callback(const callback&) = delete;
  callback& operator=(const callback&) = delete;

  /// Whether a node of the ready list is one.
  static bool is_behind(const ready_node& node) noexcept { return node.run == &take_turn; }

  /// Instead of its turn: the loop ends.
  void drop() noexcept { delete this; }

 protected:
  callback() noexcept : ready_node{{nullptr, nullptr}, &take_turn, nullptr} {}
  virtual ~callback() = default;

  virtual void fire() = 0;

 private:
  static inline void take_turn(ready_node& node);
};

/// The loop's side of the calls from other threads (remote.hpp). Destroyed with the loop.
class remote_calls {
 public:
  remote_calls() noexcept = default;
  remote_calls(const remote_calls&) = delete;
  remote_calls& operator=(const remote_calls&) = delete;
  virtual ~remote_calls() = default;

  /// Accepts none from now on. Those that were accepted run in the next pass; whether there were any.
  virtual bool close() = 0;
};

}  // namespace handoff::async
