// Items of every alignment that a backend takes, through its queue: each must lie where its type says, in the
// queue's memory and wherever a wait keeps it. Apart from the suite, because every alignment is a type.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/types/streams.hpp"

namespace handoff::conformance {

/// Counts the places at which it must not lie. Used by one thread.
template <std::size_t Alignment>
class alignas(Alignment) aligned_item {
 public:
  aligned_item() noexcept : aligned_item(0) {}
  explicit aligned_item(std::uint64_t k) noexcept : key(k) { check(); }
  aligned_item(aligned_item&& other) noexcept : key(other.key) { check(); }
  aligned_item& operator=(aligned_item&& other) noexcept {
    key = other.key;
    check();
    other.check();
    return *this;
  }
  ~aligned_item() { check(); }
  friend bool operator<(const aligned_item& a, const aligned_item& b) noexcept { return a.key < b.key; }

  static inline std::uint64_t misplaced = 0;
  std::uint64_t key;

 private:
  void check() const noexcept {
    // The compiler takes alignas for granted: the address comes from where it cannot look.
    auto place = reinterpret_cast<std::uintptr_t>(this);
    asm("" : "+r"(place));
    if (place % Alignment != 0) ++misplaced;
  }
};

template <std::size_t Alignment>
struct aligned_items {
  using item = aligned_item<Alignment>;
  static item make(std::uint64_t number) noexcept { return item(number); }
  static std::uint64_t value_of(const item& item) noexcept { return item.key; }
  static constexpr std::uint64_t sum(std::uint64_t n) noexcept { return n * (n - 1) / 2; }
};

template <template <class> class Backend>
struct alignment_cases {
  template <std::size_t Alignment>
  static void hold() {
    using item = aligned_item<Alignment>;
    if constexpr (Alignment <= Backend<int>::traits.max_alignment) {
      item::misplaced = 0;
      streams<Backend, aligned_items<Alignment>>::by_each_wait();
      EXPECT_EQ(item::misplaced, 0U) << "times an item of alignment " << Alignment
                                     << " lay where it must not";
    }
  }

  template <std::size_t... Alignments>
  static void each(std::index_sequence<Alignments...>) {
    (hold<Alignments>(), ...);
  }

  static void items_of_any_alignment_lie_where_they_may(std::uint64_t) {
    each(std::index_sequence<8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096>());
  }

  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        {"items_of_any_alignment_lie_where_they_may", items_of_any_alignment_lie_where_they_may}};
    return cases;
  }
};

}  // namespace handoff::conformance
