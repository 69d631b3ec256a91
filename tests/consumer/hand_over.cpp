// Two threads and the queue that every machine has.
#include <cstdio>
#include <thread>

#include "queues/mutex_condvar.hpp"

int main() {
  constexpr int items = 1000;
  handoff::mutex_condvar<int> queue(16);

  std::thread producer([&queue] {
    auto&& handle = queue.producer();
    for (int i = 1; i <= items; ++i) handle.push(int{i});
    queue.close();
  });

  long sum = 0;
  auto&& handle = queue.consumer();
  for (int item = 0; handle.pop(item) == handoff::op_status::success;) sum += item;
  producer.join();

  std::printf("mutex_condvar handed over a sum of %ld\n", sum);
  return sum == items * (items + 1L) / 2 ? 0 : 1;
}
