// What the visits of a node's children return, for libraries whose tasks return nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>

namespace handoff::bench {

/// A slot per child, of which there is one at least, which one task writes; without an allocation if they are
/// few, as they mostly are.
template <class Counts>
class child_counts {
 public:
  explicit child_counts(std::size_t children)
      : children_(children),
        heap_(children > few ? std::make_unique<Counts[]>(children) : nullptr),
        slots_(heap_ ? heap_.get() : near_.data()) {}

  Counts& operator[](std::size_t child) noexcept { return slots_[child]; }

  /// After all tasks have been waited for.
  [[nodiscard]] Counts sum() const noexcept {
    return std::accumulate(slots_ + 1, slots_ + children_, *slots_);
  }

 private:
  static constexpr std::size_t few = 10;

  std::size_t children_;
  std::array<Counts, few> near_;  // written before it is read
  std::unique_ptr<Counts[]> heap_;
  Counts* slots_;
};

}  // namespace handoff::bench
