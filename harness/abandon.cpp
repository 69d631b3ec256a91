#include "harness/abandon.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <utility>

namespace handoff::harness {

namespace {
std::function<void(const sample&)>& handler_slot() {
  static std::function<void(const sample&)> handler;
  return handler;
}
}  // namespace

void on_abandon(std::function<void(const sample&)> handler) { handler_slot() = std::move(handler); }

void abandon(sample_status status, std::string detail) {
  static std::atomic<bool> begun{false};
  if (begun.exchange(true, std::memory_order_relaxed))  // relaxed: only the winner continues
    for (;;) ::pause();
  sample given_up;
  given_up.status = status;
  given_up.detail = std::move(detail);
  if (handler_slot())
    handler_slot()(given_up);
  else
    fmt::print(stderr, "{}: {}\n", to_string(status), given_up.detail);
  ::_exit(1);  // not exit(): other threads are still inside the queue that destructors would tear down
}

}  // namespace handoff::harness
