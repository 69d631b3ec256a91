#include "examples/support/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "queues/async/sleep.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::patterns {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t longest_request = 4096;

/// Appends the next part to `text`; false at the end.
async::task<bool> receive(async::tcp_stream& from, std::string& text) {
  std::array<char, 1024> buffer;
  const std::size_t got = co_await from.read_some(std::as_writable_bytes(std::span(buffer)));
  text.append(buffer.data(), got);
  co_return got > 0;
}

/// The path of `GET path HTTP/1.1`; empty if the request is another one.
std::string path_in(std::string_view request) {
  constexpr std::string_view get = "GET ";
  constexpr std::string_view version = " HTTP/1.1";
  const std::string_view line = request.substr(0, request.find(line_end));
  if (!line.starts_with(get) || !line.ends_with(version)) return {};
  return std::string(line.substr(get.size(), line.size() - get.size() - version.size()));
}

std::string response_text(std::string_view status, std::string_view text) {
  return fmt::format("HTTP/1.1 {}{}Content-Length: {}{}Connection: close{}{}", status, line_end, text.size(),
                     line_end, head_end, text);
}

async::task<> answer(async::tcp_stream peer, std::shared_ptr<const std::vector<page>> pages) {
  std::string request;
  while (request.find(head_end) == std::string::npos) {
    const bool more = co_await receive(peer, request);
    if (!more || request.size() > longest_request) co_return;
  }
  const std::string path = path_in(request);
  const auto found =
      std::find_if(pages->begin(), pages->end(), [&](const page& p) { return p.path == path; });
  std::string response;
  if (path.empty()) {
    response = response_text("400 Bad Request", "");
  } else if (found == pages->end()) {
    response = response_text("404 Not Found", "");
  } else {
    co_await async::sleep(found->delay);
    response = response_text("200 OK", found->text);
  }
  co_await peer.write_all(response);
}

http_response parse(std::string_view text) {
  constexpr std::string_view version = "HTTP/1.1 ";
  http_response parsed;
  const std::size_t body = text.find(head_end);
  if (!text.starts_with(version) || body == std::string_view::npos)
    throw std::runtime_error("the server's answer is not HTTP/1.1");
  const std::string_view status = text.substr(version.size());
  if (std::from_chars(status.data(), status.data() + status.size(), parsed.status).ec != std::errc())
    throw std::runtime_error("the server's answer has no status");
  parsed.text = text.substr(body + head_end.size());
  return parsed;
}

}  // namespace

async::task<> serve(async::tcp_listener listener, std::shared_ptr<const std::vector<page>> pages) {
  for (int number = 1;; ++number) {
    async::tcp_stream peer = co_await listener.accept();
    async::create_task(answer(std::move(peer), pages), fmt::format("connection {}", number));
  }
}

async::task<http_response> http_get(std::uint16_t port, std::string path) {
  async::tcp_stream stream = co_await async::tcp_stream::connect(async::loopback(port));
  const std::string request = fmt::format("GET {} HTTP/1.1{}Host: localhost:{}{}Connection: close{}", path,
                                          line_end, port, line_end, head_end);
  co_await stream.write_all(request);
  std::string text;
  for (bool more = true; more;) more = co_await receive(stream, text);
  co_return parse(text);
}

}  // namespace handoff::patterns
