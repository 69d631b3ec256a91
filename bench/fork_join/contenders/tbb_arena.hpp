// The threads of the contenders on oneTBB.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <cstddef>

namespace handoff::bench {

/// So many threads, that of the caller among them.
struct tbb_arena {
  explicit tbb_arena(unsigned threads)
      : limit(tbb::global_control::max_allowed_parallelism, std::size_t{threads}),
        arena(static_cast<int>(threads)) {}

  tbb::global_control limit;
  tbb::task_arena arena;
};

}  // namespace handoff::bench
