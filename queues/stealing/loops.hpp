// Parallel loops on join.
//
//   executor.run([&] { handoff::stealing::for_each(v.begin(), v.end(), [](auto& x) { work(x); }); });
//
// A loop is split only when an idle worker asks: it then keeps the first half of what is left, and forks the
// second. So it needs no grain size, and costs one relaxed load per element if nobody asks. The idea is lazy
// binary splitting: Tzannes, Caragea, Barua, Vishkin (PPoPP 2010).
#pragma once

#include <functional>
#include <iterator>
#include <utility>

#include "queues/stealing/executor.hpp"

namespace handoff::stealing {

namespace detail {

/// Whether the loop that the calling thread is in should be split: somebody asks, or the run is cancelled,
/// which the fork will say.
inline bool split_wanted() noexcept {
  const auto* const w = worker<steps>::current();
  return w != nullptr && w->shared.wanted();
}

template <class Iterator>
Iterator middle_of(Iterator first, Iterator last) {
  return first + (last - first) / 2;
}

}  // namespace detail

/// Calls `f(*i)` for each i of [first, last), in no order, on any worker; returns when all are over. If calls
/// throw, one of their exceptions comes out, and which elements were visited is unspecified. Inside a run of
/// a stealing_executor; outside, it is a plain loop. `f` is called by several threads at once.
template <std::random_access_iterator Iterator, class F>
void for_each(Iterator first, Iterator last, F&& f) {
  for (; first != last; ++first) {
    if (detail::split_wanted() && last - first > 1) [[unlikely]] {
      const Iterator middle = detail::middle_of(first, last);
      join([&] { stealing::for_each(first, middle, f); }, [&] { stealing::for_each(middle, last, f); });
      return;
    }
    std::invoke(f, *first);
  }
}

/// `init` and `transform(*i)` for each i of [first, last), combined by `combine` from left to right,
/// bracketed in any way: `combine` must be associative, and need not be commutative. As std::transform_reduce
/// otherwise; exceptions and threads as in for_each.
template <std::random_access_iterator Iterator, class T, class Combine, class Transform = std::identity>
T reduce(Iterator first, Iterator last, T init, Combine&& combine, Transform&& transform = {}) {
  for (; first != last; ++first) {
    if (detail::split_wanted() && last - first > 1) [[unlikely]] {
      const Iterator middle = detail::middle_of(first, last);
      auto [left, right] = join(
          [&] { return stealing::reduce(first, middle, std::move(init), combine, transform); },
          [&] {
            return stealing::reduce(middle + 1, last, T(std::invoke(transform, *middle)), combine, transform);
          });
      return std::invoke(combine, std::move(left), std::move(right));
    }
    init = std::invoke(combine, std::move(init), std::invoke(transform, *first));
  }
  return init;
}

}  // namespace handoff::stealing
