// Four pages fetched at once from a server on the same loop, each of which takes its own time: together they
// take as long as the slowest. Clients and server wait in the loop's third queue, for descriptors.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "examples/support/http.hpp"
#include "examples/support/pattern.hpp"
#include "examples/support/say.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/task_handle.hpp"
#include "queues/async/tcp.hpp"

namespace handoff::patterns {

namespace {

using namespace std::chrono_literals;

using page_list = std::shared_ptr<const std::vector<page>>;

page_list all_pages() {
  std::vector<page> pages;
  pages.push_back({"/ocean", 900ms, "wide, deep, and in no hurry"});
  pages.push_back({"/brook", 150ms, "quick"});
  pages.push_back({"/river", 600ms, "on its way to the ocean"});
  pages.push_back({"/pond", 350ms, "it has all day"});
  return std::make_shared<const std::vector<page>>(std::move(pages));
}

double seconds(async::nanoseconds span) { return std::chrono::duration<double>(span).count(); }

async::task<http_response> fetch(std::uint16_t port, std::string path) {
  const async::nanoseconds start = async::running_loop().time();
  http_response response = co_await http_get(port, path);
  say("{}: status {} after {:.2f} s", path, response.status, seconds(async::running_loop().time() - start));
  co_return response;
}

async::task<std::vector<http_response>> fetch_pages(std::uint16_t port, page_list pages) {
  std::vector<async::task_handle<http_response>> fetching;
  for (const page& one : *pages)
    fetching.push_back(async::create_task(fetch(port, one.path), "fetch " + one.path));
  std::vector<http_response> responses = co_await async::gather(std::move(fetching));
  co_return responses;
}

async::task<> program() {
  const page_list pages = all_pages();
  async::tcp_listener listener = async::tcp_listener::on_loopback();
  const std::uint16_t port = listener.port();
  std::vector<async::task_handle<>> server;
  server.push_back(async::create_task(serve(std::move(listener), pages), "server"));

  say("fetching {} pages at once", pages->size());
  const async::nanoseconds start = async::running_loop().time();
  const std::vector<http_response> responses = co_await fetch_pages(port, pages);
  const async::nanoseconds took = async::running_loop().time() - start;
  async::nanoseconds in_turn{0};
  for (std::size_t i = 0; i < responses.size(); ++i) {
    say("{}: {} characters", (*pages)[i].path, responses[i].text.size());
    in_turn += (*pages)[i].delay;
  }
  server.front().cancel();
  co_await async::gather(std::move(server), async::return_exceptions);
  say("fetched {} pages in {:.2f} s; one after another they take {:.2f} s", responses.size(), seconds(took),
      seconds(in_turn));
}

}  // namespace

const pattern fetch_all{
    .name = "fetch_all",
    .sentence =
        "four pages over HTTP from a server in the same loop, fetched at once, each with its own delay",
    .program = &program,
    .on_threads = {}};

}  // namespace handoff::patterns
