// The first items of a fresh queue. They touch its memory before the window, and they prove its order
// completely, because one thread pushes and pops them while no other is there. They pass through as many
// handles as the cell has workers, so that a queue that confuses two producers is found here.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/cell.hpp"
#include "harness/item.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::harness {

/// The capacity with which a cell's queue is made; for an unbounded queue, the room to reserve.
std::size_t capacity_of(const cell& c) noexcept;

/// Plans the items in batches that fit into the queue, and judges what comes out. Usage: while (next_batch())
/// { push key(i) through producer(i), for all i; pop as many through consumer(), and pass each to received();
/// judge(); }
class first_items {
 public:
  first_items(const cell& c, ordering promised);

  /// Plans another batch; false once every handle has had its turn and as many items have passed as the queue
  /// holds, or the first part of a large one.
  [[nodiscard]] bool next_batch();
  [[nodiscard]] std::size_t size() const noexcept { return pushed_.size(); }
  [[nodiscard]] item_key key(std::size_t i) const noexcept { return pushed_[i]; }
  /// The cell's producer that pushes item i, and its consumer that pops the batch.
  [[nodiscard]] unsigned producer(std::size_t i) const noexcept { return producer_of(pushed_[i]); }
  [[nodiscard]] unsigned consumer() const noexcept { return consumer_; }

  void received(item_key key, bool intact);
  /// Ends the cell as corrupt if the batch did not come out whole, or not in the promised order.
  void judge();

 private:
  const unsigned producers_, consumers_;
  const ordering promised_;
  const std::size_t batch_;
  std::size_t left_;
  std::size_t planned_ = 0;
  unsigned consumer_ = 0;
  std::vector<item_key> pushed_, popped_;
  bool torn_ = false;
};

/// Handles of one side, made one after the other and kept; a handle may be a reference, or immovable.
template <class Handle>
struct kept_handle {
  template <class Make>
  explicit kept_handle(Make make) : handle(make()) {}
  Handle handle;
};

}  // namespace handoff::harness
