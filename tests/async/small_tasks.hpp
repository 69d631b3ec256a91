// Tasks with which the tests of tasks and of their ends begin.
#pragma once

#include <stdexcept>
#include <string>

#include "tests/async/tools.hpp"

namespace handoff::async_tests {

inline task<int> answer(int value) { co_return value; }

inline task<int> fail(std::string why) {
  throw std::runtime_error(why);
  co_return 0;
}

inline task<> wait_for_ever(queue<int>& never) { co_await never.get(); }

}  // namespace handoff::async_tests
