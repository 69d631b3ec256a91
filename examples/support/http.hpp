// As much of HTTP/1.1 as fetch_all needs, on the loop: GET, one request per connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"
#include "queues/async/tcp.hpp"

namespace handoff::patterns {

/// A server's answer for a path, and the time that it takes.
struct page {
  std::string path;
  async::nanoseconds delay;
  std::string text;
};

struct http_response {
  int status = 0;
  std::string text;
};

/// Answers requests for `pages`, each connection in a task of its own, until it is cancelled.
async::task<> serve(async::tcp_listener listener, std::shared_ptr<const std::vector<page>> pages);

/// Asks the server at `port` of this machine. Throws std::system_error, and std::runtime_error if the
/// answer is not HTTP/1.1.
async::task<http_response> http_get(std::uint16_t port, std::string path);

}  // namespace handoff::patterns
