#include "tests/conformance/undeclared/backend.hpp"

namespace handoff::conformance {

template <class T>
struct no_capacity : plain_queue<T> {
  static constexpr backend_traits traits{.name = "",
                                         .summary = "",
                                         .reference = "",
                                         .on_throwing_move = throwing_move::strong,
                                         .waits = layered_waits};
};

template struct declaration<no_capacity>;

}  // namespace handoff::conformance
