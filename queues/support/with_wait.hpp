// A contender is a backend with a wait: the backend itself if it waits natively or on a loop, else layered.
#pragma once

#include "queues/support/layered.hpp"

namespace handoff::support {

namespace detail {

template <template <class> class Backend, class T, wait_kind Wait>
struct contender_type {
  using type = Backend<T>;
};
template <template <class> class Backend, class T>
struct contender_type<Backend, T, wait_kind::spin> {
  using type = layered<Backend<T>, spin>;
};
template <template <class> class Backend, class T>
struct contender_type<Backend, T, wait_kind::yield> {
  using type = layered<Backend<T>, yield>;
};
template <template <class> class Backend, class T>
struct contender_type<Backend, T, wait_kind::park> {
  using type = layered<Backend<T>, park>;
};

}  // namespace detail

/// `contender<tbb_bounded, int, wait_kind::park>` is `layered<tbb_bounded<int>, park>`.
template <template <class> class Backend, class T, wait_kind Wait>
using contender = typename detail::contender_type<Backend, T, Wait>::type;

}  // namespace handoff::support
