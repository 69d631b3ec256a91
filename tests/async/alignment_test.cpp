// Objects whose type asks for more alignment than operator new gives: they lie where they may, across waits.
#include <gtest/gtest.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "queues/async/gather.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
  int value = 0;

  auto operator<=>(const aligned& other) const noexcept { return value <=> other.value; }
  bool operator==(const aligned& other) const noexcept { return value == other.value; }
};

/// Not what the compiler thinks of the address, but what it is.
template <class T>
bool well_placed(const T& object) {
  const volatile std::uintptr_t address = reinterpret_cast<std::uintptr_t>(&object);
  return address % alignof(T) == 0;
}

struct tally {
  int looks = 0;
  int misplaced = 0;

  template <class T>
  void look(const T& object) {
    ++looks;
    if (!well_placed(object)) ++misplaced;
  }
};

template <class T>
class Alignment : public testing::Test {};

struct names {
  template <class T>
  static std::string GetName(int) {
    return std::to_string(alignof(T));
  }
};

using all_alignments = testing::Types<aligned<32>, aligned<64>, aligned<128>, aligned<256>, aligned<512>,
                                      aligned<1024>, aligned<2048>, aligned<4096>>;
TYPED_TEST_SUITE(Alignment, all_alignments, names);

/// As large as `Bytes` makes it: frames of different sizes lie differently.
template <class T, std::size_t Bytes>
task<T> child(T argument, tally& seen) {
  char before[Bytes] = {};
  T local = argument;
  co_await async::yield();
  seen.look(argument);
  seen.look(local);
  {
    T inner = local;
    co_await async::yield();
    seen.look(inner);
  }
  local.value += before[0];
  co_return local;
}

template <class T, std::size_t Bytes>
task<T> parent(tally& seen) {
  T sum{};
  for (int i = 0; i < 2; ++i) {
    const T got = co_await child<T, Bytes>(T{i}, seen);
    co_await async::yield();
    seen.look(got);
    sum.value += got.value;
  }
  seen.look(sum);
  co_return sum;
}

TYPED_TEST(Alignment, of_locals_arguments_and_results_of_tasks_is_kept_across_waits) {
  event_loop loop;
  tally seen;
  std::vector<task_handle<TypeParam>> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(create_task(loop, parent<TypeParam, 1>(seen)));
    all.push_back(create_task(loop, parent<TypeParam, 100>(seen)));
    all.push_back(create_task(loop, parent<TypeParam, 1000>(seen)));
    all.push_back(create_task(loop, parent<TypeParam, 3000>(seen)));
  }
  settle(loop);
  for (const task_handle<TypeParam>& one : all) {
    seen.look(one.result());
    EXPECT_EQ(one.result().value, 1);
  }
  EXPECT_EQ(seen.looks, 20 * 10);
  EXPECT_EQ(seen.misplaced, 0);
}

template <class Queue>
task<> stream(Queue& q, tally& seen) {
  using item = typename Queue::value_type;
  for (int i = 0; i < 40; ++i) co_await q.put(item{i});
  for (std::size_t i = 0; i < q.qsize(); ++i) seen.look(q.items()[i]);
  for (int i = 0; i < 20; ++i) {
    const item one = co_await q.get();
    co_await async::yield();
    seen.look(one);
    item other;
    const op_status status = co_await q.get_status(other);
    EXPECT_EQ(status, op_status::success);
    seen.look(other);
  }
}

TYPED_TEST(Alignment, of_items_is_kept_in_queues_and_by_their_awaiters) {
  event_loop loop;
  tally seen;
  queue<TypeParam> fifo(loop);
  async::lifo_queue<TypeParam> lifo(loop);
  async::priority_queue<TypeParam> priority(loop);
  create_task(loop, stream(fifo, seen));
  create_task(loop, stream(lifo, seen));
  create_task(loop, stream(priority, seen));
  settle(loop);
  EXPECT_EQ(seen.looks, 3 * 80);
  EXPECT_EQ(seen.misplaced, 0);
}

}  // namespace

}  // namespace handoff::async_tests
