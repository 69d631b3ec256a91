// What a backend must declare before anything can be tested; said at compile time, as what is to be done.
#pragma once

#include "queues/contract/concepts.hpp"

namespace handoff::conformance {

template <template <class> class Backend>
struct declaration {
  static constexpr backend_traits traits = Backend<int>::traits;

  static_assert(!traits.waits.empty(), "the traits name no way of waiting (waits): nothing would be tested");
  static_assert(
      traits.on_throwing_move != throwing_move::undeclared,
      "the traits do not say what an item's throwing move does to the queue: add .on_throwing_move = "
      "throwing_move::strong (the operation had no effect), throwing_move::basic (the item may be lost), "
      "or throwing_move::forbidden and, in the class, static_assert(std::is_nothrow_move_constructible_v<T> "
      "&& std::is_nothrow_move_assignable_v<T>, \"a throwing move would …\")");
  static_assert(
      traits.exact_empty || knows_size<Backend<int>>,
      "the traits say .exact_empty = false: add a member std::size_t size() const, the number of items "
      "accepted "
      "and not yet popped; exact while nobody is in the middle of an operation, never 0 while an item "
      "is certainly inside");
  static_assert(
      !traits.bounded || knows_capacity<Backend<int>>,
      "the traits say that the queue is bounded: add a member std::size_t capacity() const, the number "
      "of items that it can hold (at least as many as its constructor was asked for), or .bounded = false");
};

}  // namespace handoff::conformance
