// Coroutines whose children are stolen: the other way to share the work of a task, to compare it with
// stealing_task, where a thief gets the rest of the parent. Only what a figure needs: no exceptions, no
// cancellation, and idle threads yield.
//
// A fork makes the child's frame and puts it into the worker's deque; the parent goes on. A join takes the
// newest children back and runs them, one by one. The deque is the private one, whose thieves ask, as those
// of stealing_task do: so the difference between the rows is what is stolen, and not what a fence costs.
//
// A parent that goes on elsewhere, after the last of its stolen children, may leave others in the deque of
// the worker that forked them: they count as stolen, and whoever finds them runs them.
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "queues/async/detail/frame_pool.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/private_deque.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::bench {

namespace by_children {  // not an unnamed one, for which g++ 12 warns of every coroutine that is a template

struct frame;

struct worker {
  stealing::private_deque<frame*> deque;
  std::coroutine_handle<> next;  // what it resumes when the present coroutine has suspended

  static inline thread_local worker* current = nullptr;

  void run(std::coroutine_handle<> first) {
    for (next = first; next;) std::exchange(next, nullptr).resume();
  }
};

/// Begins every promise.
struct frame : async::pooled_frame {
  std::coroutine_handle<> handle() { return std::coroutine_handle<frame>::from_promise(*this); }

  void fork(frame& child) {
    child.parent = this;
    ++open;
    worker::current->deque.push(&child);
  }

  /// In its join: its children are all done, or it runs one of them, or waits for those that were stolen.
  void go_on(worker& here) {
    frame* child = nullptr;
    if (open != 0 && here.deque.pop(child)) {
      if (child->parent == this) {
        child->is_own = true;
        here.next = child->handle();
        return;
      }
      here.deque.push(child);
    }
    const std::int64_t stolen = std::exchange(open, 0);
    // (2) acq_rel: release, partner (1): whoever continues it sees it suspended; acquire, partner (1): what
    // the children have left
    if (stolen == 0 || missing.fetch_add(stolen, std::memory_order_acq_rel) + stolen == 0)
      here.next = handle();
  }

  enum class relation : std::uint8_t { root, called, forked };

  /// It is over, and its frame is gone by now: `parent`, as it was.
  static void ended(relation how, bool was_own, frame* parent, std::binary_semaphore* done) {
    worker& here = *worker::current;
    switch (how) {
      case relation::root: done->release(); return;
      case relation::called: here.next = parent->handle(); return;
      case relation::forked: break;
    }
    if (was_own) {
      --parent->open;
      parent->go_on(here);
      return;
    }
    // (1) acq_rel: release, partner (2): its result; acquire, partner (1) and (2): for the last one
    if (parent->missing.fetch_sub(1, std::memory_order_acq_rel) - 1 == 0) here.next = parent->handle();
  }

  frame* parent = nullptr;
  std::binary_semaphore* done = nullptr;  // of a root
  relation how = relation::forked;
  bool is_own = false;                   // the parent's join has taken it back
  std::int64_t open = 0;                 // forked, and not known to be done
  std::atomic<std::int64_t> missing{0};  // stolen, less those of them that are done
};

class child_task {
 public:
  struct promise_type : frame {
    child_task get_return_object() noexcept { return child_task(*this); }
    static std::suspend_always initial_suspend() noexcept { return {}; }
    struct final_awaiter {
      static bool await_ready() noexcept { return false; }
      static void await_suspend(std::coroutine_handle<promise_type> coroutine) noexcept {
        const promise_type& me = coroutine.promise();
        const auto [how, was_own, parent, done] = std::tuple(me.how, me.is_own, me.parent, me.done);
        coroutine.destroy();
        frame::ended(how, was_own, parent, done);
      }
      static void await_resume() noexcept {}
    };
    static final_awaiter final_suspend() noexcept { return {}; }
    static void return_void() noexcept {}
    static void unhandled_exception() noexcept { std::terminate(); }

    struct call_awaiter {
      frame& child;
      static bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> parent) const noexcept {
        child.parent = &parent.promise();
        child.how = relation::called;
        worker::current->next = child.handle();
      }
      static void await_resume() noexcept {}
    };
    call_awaiter await_transform(child_task child) noexcept { return {*child.frame_}; }
    struct join_request {};
    struct join_awaiter {
      frame& me;
      bool await_ready() const noexcept { return me.open == 0; }
      void await_suspend(std::coroutine_handle<>) const { me.go_on(*worker::current); }
      static void await_resume() noexcept {}
    };
    join_awaiter await_transform(join_request) noexcept { return {*this}; }
    struct fork_request {
      frame& child;
    };
    std::suspend_never await_transform(fork_request request) {
      this->fork(request.child);
      return {};
    }
  };
  using join = promise_type::join_request;

  static promise_type::fork_request fork(child_task child) noexcept { return {child.begun()}; }
  frame& begun() const noexcept { return *frame_; }

 private:
  explicit child_task(frame& of) noexcept : frame_(&of) {}
  frame* frame_;  // which ends by itself
};

template <class Counts, class Rule>
child_task visit_in_child(const Rule& rule, typename Rule::state at, Counts& result) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) {
    result = Counts::leaf();
    co_return;
  }
  child_counts<Counts> counts(children);
  for (std::uint32_t i = 0; i + 1 < children; ++i)
    co_await child_task::fork(visit_in_child<Counts>(rule, rule.child(at, i), counts[i]));
  co_await visit_in_child<Counts>(rule, rule.child(at, children - 1), counts[children - 1]);
  co_await child_task::join();
  result = counts.sum().above();
}

class child_forks {
 public:
  explicit child_forks(unsigned threads) : workers_(threads) {
    for (unsigned i = 1; i < threads; ++i)
      helpers_.emplace_back([this, i](const std::stop_token& over) { help(workers_[i], over); });
  }
  child_forks(const child_forks&) = delete;
  child_forks& operator=(const child_forks&) = delete;
  ~child_forks() {
    for (std::jthread& helper : helpers_) helper.request_stop();
    under_way_.store(true, std::memory_order_relaxed);  // wakes them; they look for the stop first
    under_way_.notify_all();
  }

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    Counts result;
    frame& root = visit_in_child(rule, rule.root(), result).begun();
    root.how = frame::relation::root;
    root.done = &done_;
    under_way_.store(true, std::memory_order_relaxed);  // a hint
    under_way_.notify_all();
    worker& mine = workers_.front();
    worker::current = &mine;
    mine.run(root.handle());
    while (!done_.try_acquire()) work_or_yield(mine);
    under_way_.store(false, std::memory_order_relaxed);  // a hint
    return result;
  }

 private:
  void help(worker& mine, const std::stop_token& over) {
    worker::current = &mine;
    for (;;) {
      under_way_.wait(false, std::memory_order_relaxed);  // a hint
      if (over.stop_requested()) return;
      work_or_yield(mine);
    }
  }

  void work_or_yield(worker& mine) {
    frame* found = nullptr;
    bool any = mine.deque.pop(found);
    for (worker& victim : workers_)
      if (!any && &victim != &mine) any = victim.deque.steal(found) == stealing::steal_status::item;
    if (any)
      mine.run(found->handle());
    else
      std::this_thread::yield();
  }

  std::vector<worker> workers_;
  std::binary_semaphore done_{0};  // not of a visit: its end may still be touched when the visit is over
  alignas(support::separation) std::atomic<bool> under_way_{false};
  std::vector<std::jthread> helpers_;
};

}  // namespace by_children

contender child_stealing() {
  return {.name = "child_stealing", .open = open_walker<by_children::child_forks>};
}

}  // namespace handoff::bench
