// Two tasks that sleep at the same time: together they take as long as the longer one.
#include <chrono>
#include <string_view>
#include <utility>

#include "examples/support/pattern.hpp"
#include "examples/support/say.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::patterns {

namespace {

using namespace std::chrono_literals;

async::task<> say_after_a_while(async::nanoseconds delay, std::string_view words) {
  co_await async::sleep(delay);
  say("{}", words);
}

async::task<> program() {
  const async::nanoseconds start = async::running_loop().time();
  const async::task_handle<> first = async::create_task(say_after_a_while(1s, "one second"), "first");
  const async::task_handle<> second = async::create_task(say_after_a_while(2s, "two seconds"), "second");
  say("both tasks are made, and neither has begun");
  co_await first;
  say("the first has ended");
  co_await second;
  const std::chrono::duration<double> took = async::running_loop().time() - start;
  say("both have ended after {:.1f} s", took.count());
}

}  // namespace

const pattern say_after{.name = "say_after",
                        .sentence = "two tasks sleep one and two seconds at once, and take two in all",
                        .program = &program,
                        .on_threads = {}};

}  // namespace handoff::patterns
