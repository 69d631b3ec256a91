// A full barrier in every running thread of the process, if the kernel offers no other.
//
// A thread that runs on a core proves that no other does: a thread that ran there before has been switched
// out, or moved to another core, and either is a full barrier for it. So a thread that has been on every
// core in turn knows that each other thread has executed one since the first; those that did not run then
// execute one before they run again. That this makes a grace period is known from the simplest form of RCU:
// McKenney, Is parallel programming hard, section "Toy implementations". It holds for threads that keep to
// the caller's cpuset.
#pragma once

#include <cerrno>
#include <climits>
#include <cstddef>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace handoff::support {

#if defined(__linux__)

namespace detail {

/// The cores that a thread may run on: as many as Linux can count.
struct core_set {
  static constexpr std::size_t word_bits = sizeof(unsigned long) * CHAR_BIT;
  static constexpr std::size_t size = 8192;
  unsigned long words[size / word_bits] = {};

  [[nodiscard]] bool contains(std::size_t core) const noexcept {
    return (words[core / word_bits] >> core % word_bits & 1) != 0;
  }
  void insert(std::size_t core) noexcept { words[core / word_bits] |= 1UL << core % word_bits; }

  /// The calling thread's; empty if the kernel does not say.
  static core_set current() noexcept {
    core_set cores;
    ::syscall(SYS_sched_getaffinity, 0, sizeof cores.words, cores.words);
    return cores;
  }
  static core_set all() noexcept {
    core_set cores;
    for (unsigned long& word : cores.words) word = ~0UL;
    return cores;
  }
  /// Returns when the calling thread runs on one of them.
  [[nodiscard]] bool move_there() const noexcept {
    return ::syscall(SYS_sched_setaffinity, 0, sizeof words, words) == 0;
  }
};

}  // namespace detail

/// Some 10 microseconds per core, more if cores are busy. False if the kernel does not let this thread
/// move. Afterwards it may run on the same cores as before.
inline bool visit_every_core() noexcept {
  using detail::core_set;
  const core_set mine = core_set::current();
  if (!core_set::all().move_there()) return false;
  const core_set within_reach = core_set::current();
  bool visited = false;
  for (std::size_t core = 0; core < core_set::size; ++core) {
    if (!within_reach.contains(core)) continue;
    core_set there;
    there.insert(core);
    visited = there.move_there() || errno == EINVAL;  // EINVAL: it went offline, and no thread runs there
    if (!visited) break;
  }
  return mine.move_there() && visited;
}

#else
inline bool visit_every_core() noexcept { return false; }
#endif

}  // namespace handoff::support
