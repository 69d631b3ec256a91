// The same with a queue that only tries, made to wait, close and join by the layering.
#include <cstdio>
#include <thread>

#include "queues/moodycamel.hpp"
#include "queues/support/layered.hpp"

int main() {
  constexpr int items = 1000;
  handoff::support::layered<handoff::moodycamel<int>, handoff::support::park> queue(16);

  std::thread producer([&queue] {
    auto handle = queue.producer();
    for (int i = 1; i <= items; ++i) handle.push(int{i});
    queue.close();
  });

  long sum = 0;
  auto handle = queue.consumer();
  for (int item = 0; handle.pop(item) == handoff::op_status::success;) {
    sum += item;
    handle.task_done();
  }
  producer.join();
  queue.join();

  std::printf("moodycamel, layered, handed over a sum of %ld\n", sum);
  return sum == items * (items + 1L) / 2 ? 0 : 1;
}
