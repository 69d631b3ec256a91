// The text form of a queue, for logs and tests, after `repr()` of asyncio's.
#pragma once

#include <cstddef>
#include <ostream>
#include <sstream>
#include <string>

#include "queues/async/queue.hpp"

namespace handoff::async {

/// `<queue maxsize=2 items=[1, 2] getters=0 putters=1 tasks=2 shutdown>`; a part that is empty is left out,
/// except `maxsize`. Items are shown if they can be printed to a stream, else their number.
template <class T, class Store>
std::string describe(const queue<T, Store>& queue) {
  std::ostringstream text;
  text << "<queue maxsize=" << queue.maxsize();
  if (const std::size_t count = queue.qsize(); count != 0) {
    text << " items=";
    if constexpr (requires(std::ostream & out, const T& item) { out << item; }) {
      for (std::size_t at = 0; at != count; ++at) text << (at == 0 ? "[" : ", ") << queue.items()[at];
      text << "]";
    } else {
      text << count;
    }
  }
  if (const std::size_t waiting = queue.waiting_getters(); waiting != 0) text << " getters=" << waiting;
  if (const std::size_t waiting = queue.waiting_putters(); waiting != 0) text << " putters=" << waiting;
  if (queue.unfinished_tasks() != 0) text << " tasks=" << queue.unfinished_tasks();
  if (queue.is_shut_down()) text << " shutdown";
  text << ">";
  return text.str();
}

}  // namespace handoff::async
