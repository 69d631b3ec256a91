// How contenders visit the children of a node: by halves, for libraries that fork two functions at a time;
// or one by one, for libraries whose tasks return nothing, so that each child needs a slot for its counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>

namespace handoff::bench {

/// Visits a node and all below it. `Join` has a static `Counts both<Counts>(a, b)`, which calls two
/// functions, perhaps at the same time, and adds up what they return.
template <class Join, class Counts, class Rule>
Counts visit_by_halves(const Rule& rule, typename Rule::state at);

/// Visits the children [first, last), one at least, and all below them.
template <class Join, class Counts, class Rule>
Counts visit_children_by_halves(const Rule& rule, const typename Rule::state& parent, std::uint32_t first,
                                std::uint32_t last) {
  const auto child = [&](std::uint32_t index) {
    return visit_by_halves<Join, Counts>(rule, rule.child(parent, index));
  };
  // Two are the most frequent number: no further call then.
  if (last - first == 2)
    return Join::template both<Counts>([&] { return child(first); }, [&] { return child(first + 1); });
  if (last - first == 1) return child(first);
  const std::uint32_t middle = first + (last - first) / 2;
  return Join::template both<Counts>(
      [&] { return visit_children_by_halves<Join, Counts>(rule, parent, first, middle); },
      [&] { return visit_children_by_halves<Join, Counts>(rule, parent, middle, last); });
}

template <class Join, class Counts, class Rule>
Counts visit_by_halves(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  return visit_children_by_halves<Join, Counts>(rule, at, 0, children).above();
}

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
