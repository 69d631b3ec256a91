// Types on which generic code stumbles: `bool`, of which a std::vector has no references, and a type that can
// be moved but not copied, and that owns something. Apart from the suite, because each is a type.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/types/streams.hpp"

namespace handoff::conformance {

/// True are those that no multiple of two bits' patterns makes: 0, 3, 6 …
struct bools {
  using item = bool;
  static bool make(std::uint64_t number) noexcept { return number % 3 == 0; }
  static std::uint64_t value_of(bool item) noexcept { return item ? 1 : 0; }
  static constexpr std::uint64_t sum(std::uint64_t n) noexcept { return (n + 2) / 3; }
};

/// AddressSanitizer finds a leak.
struct owners {
  using item = std::unique_ptr<std::uint64_t>;
  static item make(std::uint64_t number) { return std::make_unique<std::uint64_t>(number); }
  static std::uint64_t value_of(const item& item) noexcept { return item == nullptr ? 1'000'000 : *item; }
  static constexpr std::uint64_t sum(std::uint64_t n) noexcept { return n * (n - 1) / 2; }
};

template <template <class> class Backend>
struct item_type_cases {
  static void items_may_be_bool(std::uint64_t) { streams<Backend, bools>::by_each_wait(); }
  static void items_may_be_owners_that_can_only_be_moved(std::uint64_t) {
    streams<Backend, owners>::by_each_wait();
  }

  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        {"items_may_be_bool", items_may_be_bool},
        {"items_may_be_owners_that_can_only_be_moved", items_may_be_owners_that_can_only_be_moved}};
    return cases;
  }
};

}  // namespace handoff::conformance
