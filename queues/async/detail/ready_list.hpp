// The loop's list of nodes that run next; they live in tasks and awaiters, oldest first.
#pragma once

#include "queues/support/intrusive_list.hpp"

namespace handoff::async {

class wait_place;

/// Something that runs once when its turn comes. A node is in the ready list or in a list of waiters, never
/// in both, so one `next` serves both.
struct ready_node : support::list_link {
  /// Called with the node when its turn comes; the node may no longer exist when it returns.
  void (*run)(ready_node&);
  /// The queue or primitive that `run` will look at, if any.
  wait_place* owner;
};

class ready_list {
 public:
  ready_list() noexcept = default;
  ready_list(const ready_list&) = delete;
  ready_list& operator=(const ready_list&) = delete;

  bool empty() const noexcept { return head_.next == nullptr; }

  void push(ready_node& node) noexcept {
    node.next = nullptr;
    last_->next = &node;
    last_ = &node;
  }

  /// Takes the oldest node out; there must be one.
  ready_node& pop() noexcept {
    support::list_link* const first = head_.next;
    head_.next = first->next;
    if (head_.next == nullptr) last_ = &head_;
    return static_cast<ready_node&>(*first);
  }

  const support::list_link* last() const noexcept { return last_; }

  template <class Visit>
  void for_each(Visit visit) const {
    for (support::list_link* at = head_.next; at != nullptr; at = at->next)
      visit(static_cast<ready_node&>(*at));
  }

 private:
  support::list_link head_{nullptr, nullptr};
  support::list_link* last_ = &head_;
};

}  // namespace handoff::async
