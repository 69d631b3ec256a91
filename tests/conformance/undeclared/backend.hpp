// A backend as a beginner writes it; each file here leaves something out, and a test reads what the compiler
// says.
#pragma once

#include "tests/conformance/declaration.hpp"

namespace handoff::conformance {

template <class T>
struct plain_queue {
  using value_type = T;
  explicit plain_queue(std::size_t) {}
  plain_queue& producer() { return *this; }
  plain_queue& consumer() { return *this; }
  op_status try_push(T&&) { return op_status::full; }
  op_status try_pop(T&) { return op_status::empty; }
};

}  // namespace handoff::conformance
