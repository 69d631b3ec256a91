// A backend's queue with one of its ways of waiting: the backend itself if it waits natively or on a loop,
// else layered.
#pragma once

#include "queues/support/layered.hpp"

namespace handoff::support {

namespace detail {

template <template <class> class Backend, class T, wait_kind Wait>
struct queue_with_wait {
  using type = Backend<T>;
};
template <template <class> class Backend, class T>
struct queue_with_wait<Backend, T, wait_kind::spin> {
  using type = layered<Backend<T>, spin>;
};
template <template <class> class Backend, class T>
struct queue_with_wait<Backend, T, wait_kind::yield> {
  using type = layered<Backend<T>, yield>;
};
template <template <class> class Backend, class T>
struct queue_with_wait<Backend, T, wait_kind::park> {
  using type = layered<Backend<T>, park>;
};

}  // namespace detail

/// `with_wait<tbb_bounded, int, wait_kind::park>` is `layered<tbb_bounded<int>, park>`.
template <template <class> class Backend, class T, wait_kind Wait>
using with_wait = typename detail::queue_with_wait<Backend, T, Wait>::type;

/// The same as a template of only the item: `waiting<tbb_bounded, wait_kind::park>::queue<int>`.
template <template <class> class Backend, wait_kind Wait>
struct waiting {
  template <class T>
  using queue = with_wait<Backend, T, Wait>;
};

}  // namespace handoff::support
