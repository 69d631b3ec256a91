#include <boost/fiber/algo/work_stealing.hpp>
#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/policy.hpp>
#include <mutex>
#include <thread>
#include <vector>

#undef cpu_relax  // Boost's macro is the name of a function in hardware.hpp

#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// A fiber walks down to a leaf in place: some 300 bytes per level, of which a small tree has at most 15.
constexpr std::size_t stack_bytes = 32U * 1024;

/// The last child runs in place, which spares a fiber. A child starts at once (launch::dispatch), and its
/// parent waits in the queue: on uts_small, 906 fibers have a stack at the same time rather than 3,073.
template <class Counts, class Rule>
Counts visit_in_fibers(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  child_counts<Counts> counts(children);
  const auto child = [&](std::uint32_t i) { counts[i] = visit_in_fibers<Counts>(rule, rule.child(at, i)); };
  std::vector<boost::fibers::fiber> others;
  others.reserve(children - 1);
  for (std::uint32_t i = 0; i + 1 < children; ++i)
    others.emplace_back(boost::fibers::launch::dispatch, std::allocator_arg,
                        boost::fibers::fixedsize_stack(stack_bytes), child, i);
  child(children - 1);
  for (boost::fibers::fiber& other : others) other.join();
  return counts.sum().above();
}

/// The schedulers of one process find each other through static variables: there can be one of these, once.
class fiber_forks {
 public:
  explicit fiber_forks(unsigned threads) {
    for (unsigned i = 1; i < threads; ++i)
      helpers_.emplace_back([this, threads] {
        join_schedulers(threads);
        std::unique_lock hold(lock_);
        over_.wait(hold, [this] { return is_over_; });
      });
    join_schedulers(threads);
  }
  fiber_forks(const fiber_forks&) = delete;
  fiber_forks& operator=(const fiber_forks&) = delete;
  ~fiber_forks() {
    {
      const std::lock_guard hold(lock_);
      is_over_ = true;
    }
    over_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
  }

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) const {
    return visit_in_fibers<Counts>(rule, rule.root());
  }

 private:
  /// Returns when as many threads have called it. A thread without fibers sleeps.
  static void join_schedulers(unsigned threads) {
    constexpr bool suspend = true;
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::work_stealing>(threads, suspend);
  }

  std::vector<std::thread> helpers_;
  boost::fibers::mutex lock_;
  boost::fibers::condition_variable over_;
  bool is_over_ = false;
};

}  // namespace

contender boost_fibers() {
  return {
      .name = "boost_fibers",
      .open = open_walker<fiber_forks>,
      .most_nodes = 5000,
      .why_not =
          "fibers run first in, first out, so that 343 thousand wait at once on skynet_6, with 3.1 GiB of "
          "stacks: only trees of up to 5000 nodes"};
}

}  // namespace handoff::bench
