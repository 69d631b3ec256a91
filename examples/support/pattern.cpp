#include "examples/support/pattern.hpp"

#include <array>

namespace handoff::patterns {

std::span<const pattern* const> all_patterns() {
  static constexpr std::array all{&simple,    &bounded,   &pool,        &done_signal,
                                  &none_each, &say_after, &async_queue, &fetch_all};
  return all;
}

}  // namespace handoff::patterns
