#include "bench/fork_join/contenders/list.hpp"

#include <fmt/format.h>

namespace handoff::bench {

namespace {

/// A contender whose library was not there when this program was built.
[[maybe_unused]] contender without(std::string_view name, std::string_view library) {
  return {.name = name, .open = nullptr, .why_not = fmt::format("this build has no {}", library)};
}

}  // namespace

const std::vector<contender>& contenders() {
  static const std::vector<contender> all = {
    serial(),
    stealing_executor_join(),
    stealing_executor_task(),
    child_stealing(),
#if defined(HANDOFF_HAS_TBB)
    tbb_parallel_invoke(),
    tbb_task_group(),
#else
    without("tbb_parallel_invoke", HANDOFF_NAME_OF_TBB),
    without("tbb_task_group", HANDOFF_NAME_OF_TBB),
#endif
#if defined(HANDOFF_HAS_OPENMP)
    openmp_tasks(),
#else
    without("openmp_tasks", "OpenMP"),
#endif
    std_async(),
#if defined(HANDOFF_HAS_ASIO)
    asio_thread_pool(),
#else
    without("asio_thread_pool", HANDOFF_NAME_OF_ASIO),
#endif
#if defined(HANDOFF_HAS_FIBERS)
    boost_fibers(),
#else
    without("boost_fibers", HANDOFF_NAME_OF_FIBERS),
#endif
  };
  return all;
}

}  // namespace handoff::bench
