// One function per contender, each in the file of its name.
#pragma once

#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

contender serial();
contender stealing_executor_join();
contender stealing_executor_task();
contender child_stealing();
contender tbb_parallel_invoke();
contender tbb_task_group();
contender openmp_tasks();
contender std_async();
contender asio_thread_pool();
contender boost_fibers();

}  // namespace handoff::bench
