#include "tests/async/differential/trace/run.hpp"

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
#include "queues/async/task_group.hpp"
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

/// What `fail` throws.
struct failure {};

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
    case verb::get_timeout:
      try {
        if (op.what == verb::put_timeout) {
          co_await async::timeout(limit, queue.put(op.value));
          co_return "ok";
        }
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
    for (std::size_t i = 0; i < program_.begun_at_once; ++i) say_end(program_.tasks[i].name, handles_[i]);
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

  /// A task that performs operations.
  struct actor {
    std::size_t index;
    value ended = 0;  // operations
  };

  task<> root() {
    for (const object& o : program_.objects) things_.push_back(make_thing(loop_, o));
    handles_.resize(program_.tasks.size());
    for (std::size_t i = 0; i < program_.begun_at_once; ++i)
      handles_[i] = async::create_task(loop_, steps(i));
    co_return;
  }

  /// A task of the program, or a routine as one; answers how many operations ended.
  task<value> steps(std::size_t index) {
    actor self{index};
    task<> all = perform_all(index, self);
    co_await std::move(all);
    co_return self.ended;
  }

  /// The operations of the task or routine `index`, by `self`.
  task<> perform_all(std::size_t index, actor& self) {
    for (const operation& op : program_.tasks[index].operations) {
      std::string result;
      try {
        task<std::string> work = perform(op, self);
        result = co_await std::move(work);
      } catch (const async::cancelled_error&) {
        say(self, op, "cancelled");
        throw;
      } catch (const failure&) {
        say(self, op, "failed");
        throw;
      }
      say(self, op, result);
    }
  }

  task<std::string> perform(const operation& op, actor& self) {
    switch (op.what) {
      case verb::sleep: co_await async::sleep(std::chrono::microseconds(op.microseconds)); co_return "ok";
      case verb::fail: throw failure{};
      case verb::cancel: {
        const handle& victim = handles_[op.tasks.front()];
        co_return word(victim && victim.cancel());
      }
      case verb::uncancel: {
        const handle& victim = handles_[op.tasks.front()];
        co_return std::to_string(victim ? async::any_task(victim).uncancel() : 0);
      }
      default: {
        task<std::string> work = work_of(op, self);
        std::string answer = co_await std::move(work);
        co_return answer;
      }
    }
  }

  task<std::string> work_of(const operation& op, actor& self) {
    switch (op.what) {
      case verb::acquire:
      case verb::release:
      case verb::set:
      case verb::clear:
      case verb::wait:
      case verb::cond_wait:
      case verb::cond_notify: return on_primitive(op);
      case verb::within: return within(op, self);
      case verb::group: return group(op, self);
      case verb::await: return await_one(op.tasks.front(), self.index);
      case verb::gather: return gather_all(op);
      default: return with_queue(things_[op.object], [&op](auto& queue) { return on_queue(queue, op); });
    }
  }

  task<std::string> on_primitive(const operation& op) {
    const thing& one = things_[op.object];
    switch (op.what) {
      case verb::acquire:
        switch (program_.objects[op.object].kind) {
          case object_kind::lock: co_await std::get<3>(one)->acquire(); break;
          case object_kind::semaphore: co_await std::get<6>(one)->acquire(); break;
          default: co_await std::get<7>(one)->acquire();
        }
        co_return "ok";
      case verb::release: co_return release(one);
      case verb::set: std::get<4>(one)->set(); co_return "ok";
      case verb::clear: std::get<4>(one)->clear(); co_return "ok";
      case verb::wait: co_await std::get<4>(one)->wait(); co_return "ok";
      default: {
        async::condition& condition = *std::get<5>(one);
        const async::lock::holder held = co_await condition.hold();
        if (op.what == verb::cond_wait)
          co_await condition.wait();
        else
          condition.notify(static_cast<std::size_t>(op.value));
        co_return "ok";
      }
    }
  }

  task<std::string> gather_all(const operation& op) {
    std::vector<handle> all;
    for (const std::size_t one : op.tasks) all.push_back(handles_[one]);
    const std::vector<handle> ended = co_await async::gather(std::move(all), async::return_exceptions);
    std::vector<std::string> words;
    for (const handle& one : ended) words.push_back(how_it_ended(one));
    co_return fmt::format("[{}]", fmt::join(words, ","));
  }

  task<std::string> await_one(std::size_t other, std::size_t self) {
    try {
      const value count = co_await async::shield(handles_[other]);
      co_return fmt::format("result {}", count);
    } catch (const async::cancelled_error&) {
      if (!handles_[other].cancelled() || handles_[self].cancelling() > 0) throw;
      co_return "was_cancelled";
    } catch (const failure&) {
      co_return "was_failed";
    }
  }

  task<std::string> within(const operation& op, actor& self) {
    async::timeout_scope limit{std::chrono::microseconds(op.microseconds)};
    try {
      task<> inside = perform_all(op.routine, self);
      co_await std::move(inside);
      limit.leave();
      co_return "ok";
    } catch (const async::cancelled_error&) {
      if (limit.leave_cancelled()) co_return "timeout";
      throw;
    }
  }

  task<std::string> group(const operation& op, actor& self) {
    try {
      task<> whole = async::run_group([this, &op, &self](async::task_group& own) -> task<> {
        for (const std::size_t one : op.tasks) handles_[one] = own.create_task(steps(one));
        task<> inside = perform_all(op.routine, self);
        co_await std::move(inside);
      });
      co_await std::move(whole);
      co_return "ok";
    } catch (const async::error_group& errors) {
      co_return fmt::format("errors {}", errors.errors.size());
    }
  }

  /// Of one that has.
  static std::string how_it_ended(const handle& one) {
    return one.cancelled()              ? "cancelled"
           : one.exception() != nullptr ? "failed"
                                        : std::to_string(one.result());
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

  void say(actor& self, const operation& op, std::string_view result) {
    ++self.ended;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(loop_.time());
    fmt::format_to(std::back_inserter(text_), "{} {} {} {}\n", now.count(), program_.tasks[self.index].name,
                   op.text, result);
  }

  void say_end(const std::string& name, const handle& one) {
    std::string how = one.done() ? how_it_ended(one) : "pending";
    if (one.done() && !one.cancelled() && one.exception() == nullptr) how.insert(0, "done ");
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
