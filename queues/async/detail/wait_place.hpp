// The base of everything that tasks wait in: ties its lifetime to that of the loop, in either order.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include "queues/async/detail/waiter.hpp"

namespace handoff::async {

class wait_place : public support::list_link {
 public:
  wait_place(const wait_place&) = delete;
  wait_place& operator=(const wait_place&) = delete;

 protected:
  inline explicit wait_place(event_loop& loop) noexcept;
  inline ~wait_place();

  event_loop* loop() const noexcept { return loop_; }

  /// Moves the oldest waiter of `list`, if there is one, to the ready list; null if there is none.
  inline waiter* wake_one(support::intrusive_list<waiter>& list) noexcept;
  inline void wake_all(support::intrusive_list<waiter>& list) noexcept;

  /// A derived class's destructor calls this for each of its lists: a task that waits there waits forever,
  /// and can still be cancelled.
  inline void abandon(support::intrusive_list<waiter>& list) noexcept;

 private:
  friend class event_loop;

  event_loop* loop_;  // null once the loop is destroyed; its tasks, and all waiters, were destroyed first
};

}  // namespace handoff::async
