#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <future>
#include <utility>

#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// A pool's handlers return nothing and cannot be joined: they count what they visited, and how many of them
/// are not over yet.
template <class Rule>
class posted_walk {
 public:
  posted_walk(const Rule& rule, asio::thread_pool& pool) : rule_(rule), pool_(pool) {}

  node_count visit() {
    std::future<node_count> all = all_.get_future();
    post(rule_.root());
    return all.get();
  }

 private:
  void post(const typename Rule::state& at) {
    open_.fetch_add(1, std::memory_order_relaxed);  // what is posted from here is counted until this returns
    asio::post(pool_, [this, at] { walk(at); });
  }

  /// The first child is visited in place, which spares a handler.
  void walk(typename Rule::state at) {
    node_count visited = 1;
    while (const std::uint32_t children = rule_.children(at)) {
      for (std::uint32_t i = 1; i < children; ++i) post(rule_.child(at, i));
      at = rule_.child(at, 0);
      ++visited;
    }
    visited_.fetch_add(visited, std::memory_order_relaxed);  // ordered by (1)
    // (1) The last one has seen what all others have visited; pairs with itself in other handlers.
    if (open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // A promise of its own: once the value is there, this object is gone.
    std::promise<node_count> all = std::move(all_);
    all.set_value(visited_.load(std::memory_order_relaxed));  // ordered by (1)
  }

  const Rule& rule_;
  asio::thread_pool& pool_;
  std::atomic<node_count> visited_ = 0;
  std::atomic<std::int64_t> open_ = 0;
  std::promise<node_count> all_;
};

struct pool_forks {
  explicit pool_forks(unsigned threads) : pool(threads) {}
  ~pool_forks() { pool.join(); }

  template <class Rule>
  node_count operator()(const Rule& rule) {
    return posted_walk<Rule>(rule, pool).visit();
  }

  asio::thread_pool pool;
};

}  // namespace

contender asio_thread_pool() { return {.name = "asio_thread_pool", .open = open_walker<pool_forks>}; }

}  // namespace handoff::bench
