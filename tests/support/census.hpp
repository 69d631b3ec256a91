// Which objects were constructed and destroyed, and what went wrong with them.
#pragma once

#include <atomic>
#include <cstdint>

namespace handoff::testing_support {

/// Over all items that count themselves, since the last `reset`. Any thread.
struct census {
  inline static std::atomic<std::int64_t> alive{0};
  inline static std::atomic<std::int64_t> filled{0};  // of those, the ones that hold what a key gave them
  inline static std::atomic<std::uint64_t> destroyed_twice{0};   // or never constructed
  inline static std::atomic<std::uint64_t> used_while_dead{0};   // moved from or to, without being alive
  inline static std::atomic<std::uint64_t> moved_by_bytes{0};    // found at another address than constructed
  inline static std::atomic<std::uint64_t> torn{0};              // came out with parts of two items
  inline static std::atomic<std::uint64_t> argument_touched{0};  // a failed push changed its argument
  inline static std::atomic<std::uint64_t> copied{0};            // copied, although it can be moved

  // Relaxed throughout: read when the threads of a test have been joined.
  static void reset() noexcept {
    alive.store(0, std::memory_order_relaxed);
    filled.store(0, std::memory_order_relaxed);
    for (auto* fault :
         {&destroyed_twice, &used_while_dead, &moved_by_bytes, &torn, &argument_touched, &copied})
      fault->store(0, std::memory_order_relaxed);
  }
  static void note(std::atomic<std::uint64_t>& fault) noexcept {
    fault.fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace handoff::testing_support
