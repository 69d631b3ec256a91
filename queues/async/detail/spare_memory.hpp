// When an array that grew for a burst gives memory back: as soon as seven eighths of it lie idle it shrinks
// to a quarter, which is then half full. Half of that must fill, or three eighths of it empty, before it
// changes again: moving items costs a constant share of a push or a pop.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace handoff::async {

/// How many items an array of `slots` must hold to keep them; `least` slots it always keeps. It keeps those
/// of a whole `bound`, too: if the queue was full, puts that waited count on their slots.
constexpr std::size_t least_items(std::size_t slots, std::size_t least, std::size_t bound) noexcept {
  return slots / 4 >= least && slots < bound ? slots / 8 : 0;
}

/// False if there is no memory for the smaller array: it stays as it is.
template <class T>
bool shrink_to_quarter(std::vector<T>& items) noexcept {
  static_assert(std::is_nothrow_move_constructible_v<T>);
  try {
    std::vector<T> smaller;
    smaller.reserve(items.capacity() / 4);
    for (T& item : items) smaller.push_back(std::move(item));
    items.swap(smaller);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace handoff::async
