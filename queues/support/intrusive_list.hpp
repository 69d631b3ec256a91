// A circular, doubly linked list of links that live in their elements: no allocation, O(1) removal from
// anywhere.
#pragma once

#include <cstddef>

namespace handoff::support {

/// `prev` is null exactly while the element is in no list; `next` then belongs to the element. If a link
/// may be queried before it was in a list, its constructor sets `prev`.
struct list_link {
  list_link* next;
  list_link* prev;

  bool linked() const noexcept { return prev != nullptr; }

  /// Takes the element out of the list that it is in.
  void unlink() noexcept {
    prev->next = next;
    next->prev = prev;
    prev = nullptr;
  }
};

/// A FIFO of `Element`s, which derive from `list_link`. The elements are not owned.
template <class Element>
class intrusive_list {
 public:
  intrusive_list() noexcept = default;
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;

  bool empty() const noexcept { return head_.next == &head_; }

  void push_back(Element& element) noexcept {
    list_link& link = element;
    list_link* const last = head_.prev;
    link.next = &head_;
    link.prev = last;
    last->next = &link;
    head_.prev = &link;
  }

  void push_front(Element& element) noexcept {
    list_link& link = element;
    list_link* const first = head_.next;
    link.next = first;
    link.prev = &head_;
    first->prev = &link;
    head_.next = &link;
  }

  /// The oldest element, taken out; null when there is none.
  Element* pop_front() noexcept {
    list_link* const first = head_.next;
    if (first == &head_) return nullptr;
    head_.next = first->next;
    first->next->prev = &head_;
    first->prev = nullptr;
    return static_cast<Element*>(first);
  }

  Element& front() noexcept { return static_cast<Element&>(*head_.next); }

  /// Calls `visit(element)` from the oldest to the newest; `visit` must not change the list.
  template <class Visit>
  void for_each(Visit visit) const {
    for (list_link* at = head_.next; at != &head_; at = at->next) visit(static_cast<Element&>(*at));
  }

  /// Counts; O(n).
  std::size_t size() const noexcept {
    std::size_t count = 0;
    for_each([&](const Element&) { ++count; });
    return count;
  }

 private:
  list_link head_{&head_, &head_};
};

}  // namespace handoff::support
