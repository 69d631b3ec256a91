// Shows that tbb::concurrent_bounded_queue does not survive abort() while callers re-enter: see tbb-abort.md.
//
// Consumers block in pop() on an empty queue and come back after each abort, as a consumer would that was
// woken only to look at a stop flag. Between aborts one item is pushed, and one must come out. Prints the
// abort after which that no longer happens, and exits with status 1 then; with status 0 when every item came
// out.
//
//   g++ -std=c++20 -O2 tbb_abort.cpp -o tbb_abort -ltbb -pthread && ./tbb_abort
#include <oneapi/tbb/concurrent_queue.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

int main() {
  constexpr int consumers = 2, aborts = 1000;
  constexpr auto patience = std::chrono::seconds(2);
  static tbb::concurrent_bounded_queue<int> queue;  // static: the threads that hang in it outlive main
  static std::atomic<int> received{0};

  for (int i = 0; i < consumers; ++i)
    std::thread([] {
      for (int item = 0;;) {
        try {
          queue.pop(item);
          ++received;
        } catch (const tbb::user_abort&) {
          // woken by abort(): nothing to do yet, wait again
        }
      }
    }).detach();

  for (int sent = 1; sent <= aborts; ++sent) {
    queue.abort();
    queue.push(sent);
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (received < sent && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    if (received < sent) {
      std::printf("after %d aborts: %d items pushed, %d received, size() = %ld, %d consumers wait\n", sent,
                  sent, received.load(), static_cast<long>(queue.size()), consumers);
      std::fflush(stdout);
      std::_Exit(1);
    }
  }
  std::printf("%d aborts: every item was received\n", aborts);
  std::fflush(stdout);
  std::_Exit(0);
}
