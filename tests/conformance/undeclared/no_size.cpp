#include "tests/conformance/undeclared/backend.hpp"

namespace handoff::conformance {

template <class T>
struct no_size : plain_queue<T> {
  static constexpr backend_traits traits{.name = "",
                                         .summary = "",
                                         .reference = "",
                                         .exact_empty = false,
                                         .on_throwing_move = throwing_move::strong,
                                         .waits = layered_waits};
  std::size_t capacity() const { return 1; }
};

template struct declaration<no_size>;

}  // namespace handoff::conformance
