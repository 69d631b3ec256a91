#include "tests/conformance/cases/items/model.hpp"

#include <algorithm>
#include <string>

#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

/// Puts the keys, which are in the order of their pushes, into the order in which they must come out. False
/// if any order will do.
bool order_as_declared(std::deque<item_key>& keys, ordering order) {
  switch (order) {
    case ordering::fifo:
    case ordering::per_producer_fifo: return true;
    case ordering::lifo: std::reverse(keys.begin(), keys.end()); return true;
    case ordering::priority: std::sort(keys.begin(), keys.end()); return true;
    case ordering::unordered: break;
  }
  return false;
}

}  // namespace

void expect_next(std::deque<item_key>& inside, item_key key, ordering order) {
  std::deque<item_key> line = inside;
  if (order_as_declared(line, order)) {
    EXPECT_EQ(key, line.front()) << "out of order";
  }
  const auto found = std::find(inside.begin(), inside.end(), key);
  ASSERT_NE(found, inside.end()) << "popped an item that was not inside: " << key;
  inside.erase(found);
}

void agree_with_a_model(const trial& t, std::size_t asked, first_position first) {
  random_source random = t.random(asked);
  lone_queue q(t, asked, first);
  const std::size_t bound = t.traits().bounded ? q.queue->capacity() : 40;
  std::deque<item_key> inside;
  item_key next = 0;
  for (std::uint64_t step = 0; step < 40 * bound && !::testing::Test::HasFailure(); ++step) {
    SCOPED_TRACE("capacity " + std::to_string(asked) + ", " + std::to_string(inside.size()) + " inside");
    if (random.below(2) == 0) {
      if (inside.size() == bound && !t.traits().bounded) continue;
      const op_status status = q.producer->try_push(item_key{next});
      ASSERT_EQ(status, inside.size() == bound ? full : success) << "of a push";
      if (status == success) inside.push_back(next++);
    } else {
      item_key key = 0;
      const op_status status = take(*q.queue, *q.consumer, t, key);
      ASSERT_EQ(status, inside.empty() ? empty : success) << "of a pop";
      if (status == success) expect_next(inside, key, t.traits().order);
    }
  }
}

}  // namespace handoff::conformance
