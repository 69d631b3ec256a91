#include "tests/conformance/undeclared/backend.hpp"

namespace handoff::conformance {

template <class T>
struct no_word_on_throwing_moves : plain_queue<T> {
  static constexpr backend_traits traits{.name = "", .summary = "", .reference = "", .waits = layered_waits};
  std::size_t capacity() const { return 1; }
};

template struct declaration<no_word_on_throwing_moves>;

}  // namespace handoff::conformance
