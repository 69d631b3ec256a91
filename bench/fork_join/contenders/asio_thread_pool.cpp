#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <future>
#include <mutex>
#include <utility>

#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// What all handlers have counted: a sum without a lock, unless the depth is wanted, too.
template <class Counts>
class shared_counts {
 public:
  void add(Counts counts) {
    const std::lock_guard hold(lock_);
    all_ = any_ ? all_ + counts : counts;
    any_ = true;
  }
  [[nodiscard]] Counts all() const { return all_; }

 private:
  std::mutex lock_;
  Counts all_;
  bool any_ = false;
};
template <>
class shared_counts<node_counts> {
 public:
  // relaxed: ordered by (1) below
  void add(node_counts counts) noexcept { all_.fetch_add(counts.word(), std::memory_order_relaxed); }
  [[nodiscard]] node_counts all() const noexcept {
    return node_counts::of_word(all_.load(std::memory_order_relaxed));  // ordered by (1)
  }

 private:
  std::atomic<std::uint64_t> all_ = 0;
};

/// A pool's handlers return nothing and cannot be joined: they count what they visited, and how many of them
/// are not over yet.
template <class Counts, class Rule>
class posted_walk {
 public:
  posted_walk(const Rule& rule, asio::thread_pool& pool) : rule_(rule), pool_(pool) {}

  Counts visit() {
    std::future<Counts> all = all_.get_future();
    post(rule_.root(), 0);
    return all.get();
  }

 private:
  void post(const typename Rule::state& at, std::uint32_t depth) {
    open_.fetch_add(1, std::memory_order_relaxed);  // what is posted from here is counted until this returns
    asio::post(pool_, [this, at, depth] { walk(at, depth); });
  }

  /// The first child is visited in place, which spares a handler.
  void walk(typename Rule::state at, std::uint32_t depth) {
    std::uint32_t levels = 0;
    while (const std::uint32_t children = rule_.children(at)) {
      ++levels;
      for (std::uint32_t i = 1; i < children; ++i) post(rule_.child(at, i), depth + levels);
      at = rule_.child(at, 0);
    }
    Counts visited = Counts::leaf();
    while (levels-- > 0) visited = visited.above();
    visited_.add(visited.below(depth));
    // (1) The last one has seen what all others have visited; pairs with itself in other handlers.
    if (open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // A promise of its own: once the value is there, this object is gone.
    std::promise<Counts> all = std::move(all_);
    all.set_value(visited_.all());
  }

  const Rule& rule_;
  asio::thread_pool& pool_;
  shared_counts<Counts> visited_;
  std::atomic<std::int64_t> open_ = 0;
  std::promise<Counts> all_;
};

struct pool_forks {
  explicit pool_forks(unsigned threads) : pool(threads) {}
  ~pool_forks() { pool.join(); }

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    return posted_walk<Counts, Rule>(rule, pool).visit();
  }

  asio::thread_pool pool;
};

}  // namespace

contender asio_thread_pool() { return {.name = "asio_thread_pool", .open = open_walker<pool_forks>}; }

}  // namespace handoff::bench
