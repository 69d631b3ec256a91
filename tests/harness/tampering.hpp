// What a faulty queue does to an item on its way in.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "harness/item.hpp"
#include "harness/trees/node.hpp"
#include "tests/harness/fault.hpp"

namespace handoff::harness_tests {

/// A producer that no cell has.
inline constexpr unsigned nobody = 999;

/// The faults that change what is pushed, chosen by the count of pushes.
template <class T>
class tampering {
 public:
  using codec = harness::item_codec<T>;

  explicit tampering(std::uint64_t spared) noexcept : pushes_(spared) {}

  /// Counts a push, and changes its item as the plan says.
  [[nodiscard]] occurrence before_push(T& item) {
    const occurrence push = pushes_.count();
    if (codec::key(item) == harness::marker_key) return push;
    if (push.strikes(fault::swaps)) item = codec::make(codec::key(item) + 1);
    if (push.strikes_one_later(fault::swaps)) item = codec::make(codec::key(item) - 1);
    if constexpr (std::is_same_v<T, harness::item_64>) {
      const T whole = item;
      if (push.strikes(fault::tears))
        for (std::size_t i = item.words.size() / 2; i < item.words.size(); ++i)
          item.words[i] = previous_.words[i];
      previous_ = whole;
    }
    if constexpr (std::is_same_v<T, harness::tree_node>) {
      const T whole = item;
      if (push.strikes(fault::tears)) item.state[4] = previous_.state[4];
      if (push.strikes(fault::replaces)) item = previous_;
      previous_ = whole;
    }
    return push;
  }

  /// What goes in besides the item of this push.
  [[nodiscard]] static std::optional<T> companion(occurrence push, const T& item) {
    if constexpr (std::is_same_v<T, harness::tree_node>)
      if (push.strikes(fault::doubles)) return item;
    if (push.strikes(fault::doubles)) return codec::make(codec::key(item));
    if (push.strikes(fault::invents)) return codec::make(harness::make_key(nobody, 0));
    if (push.strikes(fault::invents_marker)) return codec::make(harness::marker_key);
    return std::nullopt;
  }

 private:
  occurrences pushes_;
  static constexpr bool looks_back =
      std::is_same_v<T, harness::item_64> || std::is_same_v<T, harness::tree_node>;
  std::conditional_t<looks_back, T, std::nullptr_t> previous_{};
};

}  // namespace handoff::harness_tests
