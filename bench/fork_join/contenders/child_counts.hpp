// What the visits of a node's children return, for libraries whose tasks return nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>

#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

/// A slot per child, which one task writes; without an allocation if they are few, as they mostly are.
class child_counts {
 public:
  explicit child_counts(std::size_t children)
      : children_(children),
        heap_(children > few ? std::make_unique<node_count[]>(children) : nullptr),
        slots_(heap_ ? heap_.get() : near_.data()) {}

  node_count& operator[](std::size_t child) noexcept { return slots_[child]; }

  /// After all tasks have been waited for.
  [[nodiscard]] node_count sum() const noexcept {
    return std::accumulate(slots_, slots_ + children_, node_count{0});
  }

 private:
  static constexpr std::size_t few = 10;

  std::size_t children_;
  std::array<node_count, few> near_;  // written before it is read
  std::unique_ptr<node_count[]> heap_;
  node_count* slots_;
};

}  // namespace handoff::bench
