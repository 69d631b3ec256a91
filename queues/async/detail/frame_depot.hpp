// The part of the frame pool that all threads share: whole magazines of free blocks, and the chunks that
// blocks are cut from. After Bonwick and Adams, "Magazines and Vmem" (2001).
//
// A magazine is a list of free blocks of one size, filled by one thread and emptied by one: the lock is taken
// once for many blocks. A run is as many fresh blocks in a row. Runs are cut from chunks of 64 KiB and more,
// up to a huge page, and begin at a multiple of 1024 bytes: a block lies at a multiple of the largest power
// of two that divides its size.
//
// Chunks all of whose blocks are here go back to the system, when a loop has nothing to do: a busy program
// whose tasks come and go keeps its memory. To find such chunks takes a look at every free block; one is due
// when half of what was in use after the last one has become free.
//
// Part of queues/async/detail/frame_pool.hpp: include that.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace handoff::async {

/// The sizes of blocks: each multiple of 16 bytes up to 128, and each multiple of a cache line up to 1024.
struct frame_sizes {
  static constexpr std::size_t granule = 16;
  static constexpr std::size_t line = 64;
  static constexpr std::size_t most_in_granules = 128;
  static constexpr std::size_t most = 1024;
  static constexpr std::size_t in_granules = most_in_granules / granule;
  static constexpr std::size_t count = in_granules + (most - most_in_granules) / line;

  /// The index of the size for `bytes`; `count` or more if it has none.
  static constexpr std::size_t index_of(std::size_t bytes) noexcept {
    if (bytes <= most_in_granules) return (bytes - 1) / granule;
    return in_granules + (bytes - most_in_granules - 1) / line;
  }
  static constexpr std::size_t bytes_of(std::size_t index) noexcept {
    return index < in_granules ? (index + 1) * granule : most_in_granules + (index - in_granules + 1) * line;
  }

  /// How many blocks a run is, and a full magazine.
  static constexpr std::uint32_t blocks_of(std::size_t index) noexcept {
    return index < in_granules ? 64 : 16;
  }
  static constexpr std::size_t run_bytes(std::size_t index) noexcept {
    return blocks_of(index) * bytes_of(index);
  }
};

struct free_block {
  free_block* next;
  free_block* next_magazine;  // of the first one of a magazine in the depot
};
static_assert(sizeof(free_block) <= frame_sizes::granule);

/// Given to a thread: a magazine, or else a run.
struct frame_supply {
  free_block* magazine = nullptr;
  std::byte* run = nullptr;
};

/// Thread-safe. Never destroyed: threads may end after the program's statics have.
class frame_depot {
 public:
  static frame_depot& instance() {
    static frame_depot& only = *new frame_depot;
    return only;
  }

  /// Throws std::bad_alloc.
  frame_supply take(std::size_t size) {
    const std::lock_guard guard(mutex_);
    if (free_block* const magazine = magazines_[size]; magazine != nullptr) {
      magazines_[size] = magazine->next_magazine;
      set_free(free_bytes() - frame_sizes::run_bytes(size));
      return {.magazine = magazine};
    }
    return {.run = cut(frame_sizes::run_bytes(size))};
  }

  /// A magazine that need not be full, but holds a block.
  void give(std::size_t size, free_block& magazine) noexcept {
    const std::lock_guard guard(mutex_);
    shelve(size, magazine);
  }

  /// Whether it is time for `give_chunks_back`.
  bool look_is_due() const noexcept {
    // relaxed: two numbers, nothing behind them; a thread that acts on them takes the lock
    return free_bytes_.load(std::memory_order_relaxed) >= look_at_.load(std::memory_order_relaxed);
  }

  /// Unmaps the chunks all of whose blocks are here, but for the newest.
  void give_chunks_back() noexcept {
    const std::lock_guard guard(mutex_);
    if (!look_is_due()) return;
    find_chunks_that_go();
    set_free(0);
    for (std::size_t size = 0; size < frame_sizes::count; ++size) keep_what_stays(size);
    std::erase_if(chunks_, [this](const chunk& one) {
      if (!one.goes) return false;
      ::munmap(one.begin, one.bytes);
      cut_bytes_ -= one.cut;
      return true;
    });
    const std::size_t used = cut_bytes_ - std::min(free_bytes(), cut_bytes_);
    // relaxed: ordered by the mutex; a hint if it is read without
    look_at_.store(std::max(least_to_look_at, free_bytes() + used / 2), std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t smallest_chunk = 64 * 1024;
  static constexpr std::size_t largest_chunk = 2 * 1024 * 1024;  // a huge page
  static constexpr std::size_t least_to_look_at = 2 * largest_chunk;

  struct chunk {
    std::byte* begin;
    std::size_t bytes;
    std::size_t cut = 0;  // of these, in runs
    // Found out by `give_chunks_back`:
    std::size_t here = 0;  // of these, in magazines
    bool goes = false;

    std::byte* end() const noexcept { return begin + bytes; }
    bool holds(const void* block) const noexcept {
      const auto* const address = static_cast<const std::byte*>(block);
      return begin <= address && address < end();
    }
  };

  frame_depot() = default;

  // relaxed, as look_at_: ordered by the mutex, and a hint if it is read without
  std::size_t free_bytes() const noexcept { return free_bytes_.load(std::memory_order_relaxed); }
  void set_free(std::size_t bytes) noexcept { free_bytes_.store(bytes, std::memory_order_relaxed); }

  /// Counts every magazine as full; `give_chunks_back` mends that.
  void shelve(std::size_t size, free_block& magazine) noexcept {
    magazine.next_magazine = std::exchange(magazines_[size], &magazine);
    set_free(free_bytes() + frame_sizes::run_bytes(size));
  }

  std::byte* cut(std::size_t bytes) {
    if (static_cast<std::size_t>(fresh_end_ - fresh_) < bytes) add_chunk();
    chunk_of(fresh_).cut += bytes;
    cut_bytes_ += bytes;
    return std::exchange(fresh_, fresh_ + bytes);
  }

  void add_chunk() {
    const std::size_t bytes = next_chunk_;
    chunks_.reserve(chunks_.size() + 1 + chunks_.size() / 2);
    std::byte* const begin = map(bytes);
    const auto place =
        std::upper_bound(chunks_.begin(), chunks_.end(), static_cast<const void*>(begin), before);
    chunks_.insert(place, {.begin = begin, .bytes = bytes});
    fresh_ = begin;
    fresh_end_ = begin + bytes;
    next_chunk_ = std::min(bytes * 2, largest_chunk);
  }

  /// From the system itself: what goes back to operator delete need not go back to the system.
  static std::byte* map(std::size_t bytes) {
    void* const got = ::mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (got == MAP_FAILED) throw std::bad_alloc();
    auto* const all = static_cast<std::byte*>(got);
    std::byte* const begin =
        all + -reinterpret_cast<std::uintptr_t>(all) % bytes;  // at a multiple of its size
    if (begin != all) ::munmap(all, static_cast<std::size_t>(begin - all));
    ::munmap(begin + bytes, static_cast<std::size_t>(all + bytes - begin));
    if (bytes == largest_chunk) ::madvise(begin, bytes, MADV_HUGEPAGE);  // a hint: one page fault, not 512
    return begin;
  }

  static bool before(const void* address, const chunk& one) noexcept {
    return static_cast<const std::byte*>(address) < one.begin;
  }

  chunk& chunk_of(const void* block) noexcept {
    return *std::prev(std::upper_bound(chunks_.begin(), chunks_.end(), block, before));
  }

  void find_chunks_that_go() noexcept {
    for (chunk& one : chunks_) one.here = 0;
    for (std::size_t size = 0; size < frame_sizes::count; ++size)
      for_each_block(magazines_[size],
                     [size](free_block&, chunk& its) { its.here += frame_sizes::bytes_of(size); });
    for (chunk& one : chunks_) one.goes = one.here == one.cut && one.end() != fresh_end_;
  }

  /// Makes full magazines of the blocks whose chunks stay, and forgets the others.
  void keep_what_stays(std::size_t size) noexcept {
    free_block* filling = nullptr;
    std::uint32_t blocks = 0;  // in it
    for_each_block(std::exchange(magazines_[size], nullptr), [&](free_block& block, const chunk& its) {
      if (its.goes) return;
      block.next = std::exchange(filling, &block);
      if (++blocks < frame_sizes::blocks_of(size)) return;
      shelve(size, *std::exchange(filling, nullptr));
      blocks = 0;
    });
    if (filling != nullptr) shelve(size, *filling);
  }

  /// Calls `visit(block, its chunk)`, which may write to the block.
  template <class Visit>
  void for_each_block(free_block* magazine, Visit visit) noexcept {
    chunk* its = &chunks_.front();
    while (magazine != nullptr) {
      free_block* const next_magazine = magazine->next_magazine;
      for (free_block* block = magazine; block != nullptr;) {
        free_block* const next = block->next;
        if (!its->holds(block)) its = &chunk_of(block);
        visit(*block, *its);
        block = next;
      }
      magazine = next_magazine;
    }
  }

  std::mutex mutex_;
  std::array<free_block*, frame_sizes::count> magazines_{};
  std::atomic<std::size_t> free_bytes_{0};              // in the magazines; written under the mutex
  std::atomic<std::size_t> look_at_{least_to_look_at};  // so many; written under the mutex
  std::vector<chunk> chunks_;                           // in the order of their addresses
  std::size_t cut_bytes_ = 0;                           // of all of them
  std::size_t next_chunk_ = smallest_chunk;
  std::byte* fresh_ = nullptr;  // the rest of the newest chunk
  std::byte* fresh_end_ = nullptr;
};

}  // namespace handoff::async
