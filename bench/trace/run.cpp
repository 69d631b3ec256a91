#include "bench/trace/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "queues/async/condition.hpp"
#include "queues/async/event.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/lock.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/semaphore.hpp"
#include "queues/async/shield.hpp"
#include "queues/async/sleep.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"
#include "queues/async/timeout.hpp"

namespace handoff::trace {

namespace {

using async::task;
using value = std::int64_t;

using thing = std::variant<std::unique_ptr<async::queue<value>>, std::unique_ptr<async::lifo_queue<value>>,
                           std::unique_ptr<async::priority_queue<value>>, std::unique_ptr<async::lock>,
                           std::unique_ptr<async::event>, std::unique_ptr<async::condition>,
                           std::unique_ptr<async::semaphore>, std::unique_ptr<async::bounded_semaphore>>;

thing make_thing(async::event_loop& loop, const object& o) {
  switch (o.kind) {
    case object_kind::fifo: return std::make_unique<async::queue<value>>(loop, o.number);
    case object_kind::lifo: return std::make_unique<async::lifo_queue<value>>(loop, o.number);
    case object_kind::priority: return std::make_unique<async::priority_queue<value>>(loop, o.number);
    case object_kind::lock: return std::make_unique<async::lock>(loop);
    case object_kind::event: return std::make_unique<async::event>(loop);
    case object_kind::condition: return std::make_unique<async::condition>(loop);
    case object_kind::semaphore: return std::make_unique<async::semaphore>(loop, o.number);
    case object_kind::bounded_semaphore: return std::make_unique<async::bounded_semaphore>(loop, o.number);
  }
  throw std::logic_error("an object of no kind");
}

/// Calls `use` with the queue that `one` is.
template <class Use>
auto with_queue(const thing& one, Use use) {
  switch (one.index()) {
    case 0: return use(*std::get<0>(one));
    case 1: return use(*std::get<1>(one));
    case 2: return use(*std::get<2>(one));
    default: throw std::logic_error("an operation on a queue meets something else");
  }
}

std::string word(bool yes) { return yes ? "true" : "false"; }

template <class Queue>
task<std::string> on_queue(Queue& queue, const operation& op) {
  const std::chrono::microseconds limit(op.microseconds);
  switch (op.what) {
    case verb::put: co_await queue.put(op.value); co_return "ok";
    case verb::get: {
      const value item = co_await queue.get();
      co_return std::to_string(item);
    }
    case verb::put_nowait: {
      value item = op.value;
      co_return queue.put_nowait_status(std::move(item)) == op_status::success ? "ok" : "full";
    }
    case verb::get_nowait: {
      value item = 0;
      co_return queue.get_nowait_status(item) == op_status::success ? std::to_string(item) : "empty";
    }
    case verb::put_timeout:
      try {
        co_await async::timeout(limit, queue.put(op.value));
        co_return "ok";
      } catch (const async::timeout_error&) {
        co_return "timeout";
      }
    case verb::get_timeout:
      try {
        const value item = co_await async::timeout(limit, queue.get());
        co_return std::to_string(item);
      } catch (const async::timeout_error&) {
        co_return "timeout";
      }
    case verb::task_done:
      try {
        queue.task_done();
        co_return "ok";
      } catch (const std::logic_error&) {
        co_return "value_error";
      }
    case verb::join: co_await queue.join(); co_return "ok";
    default: co_return fmt::format("{} {} {}", queue.qsize(), word(queue.empty()), word(queue.full()));
  }
}

class run {
 public:
  explicit run(const program& what) : program_(what), loop_(async::loop_clock::virtual_time) {}

  std::string trace() {
    async::create_task(loop_, root());
    while (loop_.run_once()) {
    }
    for (std::size_t i = 0; i < handles_.size(); ++i) say_end(program_.tasks[i].name, handles_[i]);
    for (std::size_t i = 0; i < things_.size(); ++i) {
      if (!is_queue(program_.objects[i].kind)) continue;
      with_queue(things_[i], [&](const auto& queue) {
        fmt::format_to(std::back_inserter(text_), "end {} size {} unfinished {}\n", program_.objects[i].name,
                       queue.qsize(), queue.unfinished_tasks());
      });
    }
    return std::move(text_);
  }

 private:
  using handle = async::task_handle<value>;

  task<> root() {
    for (const object& o : program_.objects) things_.push_back(make_thing(loop_, o));
    for (std::size_t i = 0; i < program_.tasks.size(); ++i)
      handles_.push_back(async::create_task(loop_, steps(i)));
    co_return;
  }

  /// A task of the program; answers how many operations ended.
  task<value> steps(std::size_t index) {
    const task_plan& plan = program_.tasks[index];
    value ended = 0;
    for (const operation& op : plan.operations) {
      std::string result;
      try {
        task<std::string> work = perform(op, index);
        result = co_await std::move(work);
      } catch (const async::cancelled_error&) {
        say(plan, op, "cancelled");
        throw;
      }
      say(plan, op, result);
      ++ended;
    }
    co_return ended;
  }

  task<std::string> perform(const operation& op, std::size_t index) {
    switch (op.what) {
      case verb::sleep: co_await async::sleep(std::chrono::microseconds(op.microseconds)); co_return "ok";
      case verb::acquire:
        switch (program_.objects[op.object].kind) {
          case object_kind::lock: co_await std::get<3>(things_[op.object])->acquire(); break;
          case object_kind::semaphore: co_await std::get<6>(things_[op.object])->acquire(); break;
          default: co_await std::get<7>(things_[op.object])->acquire();
        }
        co_return "ok";
      case verb::release: co_return release(things_[op.object]);
      case verb::set: std::get<4>(things_[op.object])->set(); co_return "ok";
      case verb::clear: std::get<4>(things_[op.object])->clear(); co_return "ok";
      case verb::wait: co_await std::get<4>(things_[op.object])->wait(); co_return "ok";
      case verb::cond_wait: {
        async::condition& condition = *std::get<5>(things_[op.object]);
        const async::lock::holder held = co_await condition.hold();
        co_await condition.wait();
        co_return "ok";
      }
      case verb::cond_notify: {
        async::condition& condition = *std::get<5>(things_[op.object]);
        const async::lock::holder held = co_await condition.hold();
        condition.notify(static_cast<std::size_t>(op.value));
        co_return "ok";
      }
      case verb::cancel: co_return word(handles_[op.tasks.front()].cancel());
      case verb::await: {
        task<std::string> work = await_one(op.tasks.front(), index);
        std::string answer = co_await std::move(work);
        co_return answer;
      }
      case verb::gather: {
        std::vector<handle> all;
        for (const std::size_t one : op.tasks) all.push_back(handles_[one]);
        const std::vector<handle> ended = co_await async::gather(std::move(all), async::return_exceptions);
        std::vector<std::string> words;
        for (const handle& one : ended)
          words.push_back(one.cancelled() ? "cancelled" : std::to_string(one.result()));
        co_return fmt::format("[{}]", fmt::join(words, ","));
      }
      default: {
        task<std::string> work =
            with_queue(things_[op.object], [&op](auto& queue) { return on_queue(queue, op); });
        std::string answer = co_await std::move(work);
        co_return answer;
      }
    }
  }

  task<std::string> await_one(std::size_t other, std::size_t self) {
    try {
      const value count = co_await async::shield(handles_[other]);
      co_return fmt::format("result {}", count);
    } catch (const async::cancelled_error&) {
      if (!handles_[other].cancelled() || handles_[self].cancelling() > 0) throw;
      co_return "was_cancelled";
    }
  }

  static std::string release(const thing& one) {
    try {
      if (const auto* const lock = std::get_if<3>(&one))
        (*lock)->release();
      else if (const auto* const semaphore = std::get_if<6>(&one))
        (*semaphore)->release();
      else
        std::get<7>(one)->release();
      return "ok";
    } catch (const std::logic_error&) {
      return "error";
    }
  }

  void say(const task_plan& plan, const operation& op, std::string_view result) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(loop_.time());
    fmt::format_to(std::back_inserter(text_), "{} {} {} {}\n", now.count(), plan.name, op.text, result);
  }

  void say_end(const std::string& name, const handle& one) {
    const std::string how = !one.done()       ? "pending"
                            : one.cancelled() ? "cancelled"
                                              : fmt::format("done {}", one.result());
    fmt::format_to(std::back_inserter(text_), "end {} {}\n", name, how);
  }

  const program& program_;
  std::string text_;
  std::vector<thing> things_;  // they outlive the loop, whose tasks may hold them to its end
  async::event_loop loop_;
  std::vector<handle> handles_;
};

}  // namespace

std::string run_program(const program& what) { return run(what).trace(); }

}  // namespace handoff::trace
