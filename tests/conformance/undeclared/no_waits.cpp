#include "tests/conformance/undeclared/backend.hpp"

namespace handoff::conformance {

template <class T>
struct no_waits : plain_queue<T> {
  static constexpr backend_traits traits{
      .name = "", .summary = "", .reference = "", .on_throwing_move = throwing_move::strong};
  std::size_t capacity() const { return 1; }
};

template struct declaration<no_waits>;

}  // namespace handoff::conformance
