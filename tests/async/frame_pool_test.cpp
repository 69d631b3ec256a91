// The memory of coroutine frames: nothing stays away that nobody uses.
#include "queues/async/detail/frame_pool.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/event_loop.hpp"
#include "tests/async/allocations.hpp"

namespace handoff::async_tests {

namespace {

using async::frame_pool;

// Under AddressSanitizer there is no pool.
#if HANDOFF_ASYNC_RECYCLES_FRAMES

constexpr std::size_t bytes = 512;

std::vector<void*> allocate(std::size_t count, std::size_t each = bytes) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) blocks.push_back(frame_pool::allocate(each));
  return blocks;
}

void deallocate(const std::vector<void*>& blocks, std::size_t each = bytes) {
  for (void* const block : blocks) frame_pool::deallocate(block, each);
}

/// How many different blocks 100 rounds of 200 need, if `free_them` gets rid of a round's.
template <class F>
std::size_t blocks_of_100_rounds(F free_them) {
  std::set<void*> seen;
  for (int round = 0; round < 100; ++round) {
    const std::vector<void*> blocks = allocate(200);
    seen.insert(blocks.begin(), blocks.end());
    free_them(blocks);
  }
  return seen.size();
}

TEST(FramePool, blocks_that_a_thread_only_frees_are_used_again_when_it_has_ended) {
  const std::size_t needed = blocks_of_100_rounds([](const std::vector<void*>& blocks) {
    std::thread other([&] { deallocate(blocks); });
    other.join();
  });
  EXPECT_LE(needed, 500U);
}

TEST(FramePool, what_a_thread_has_not_used_of_its_memory_is_used_by_those_that_come_later) {
  std::vector<void*> blocks;
  std::set<std::uintptr_t> pages;
  for (int round = 0; round < 200; ++round) {
    std::thread one([&] { blocks.push_back(frame_pool::allocate(bytes)); });
    one.join();
    pages.insert(reinterpret_cast<std::uintptr_t>(blocks.back()) / 4096);
  }
  deallocate(blocks);
  EXPECT_LE(pages.size(), 2 * blocks.size() * bytes / 4096);
}

TEST(FramePool, blocks_that_a_living_thread_frees_are_used_by_the_one_that_allocates) {
  std::vector<void*> handed;
  std::barrier turn(2);
  bool over = false;
  std::thread other([&] {
    for (;;) {
      turn.arrive_and_wait();
      if (over) return;
      deallocate(handed);
      turn.arrive_and_wait();
    }
  });
  const std::size_t needed = blocks_of_100_rounds([&](const std::vector<void*>& blocks) {
    handed = blocks;
    turn.arrive_and_wait();
    turn.arrive_and_wait();
  });
  over = true;
  turn.arrive_and_wait();
  other.join();
  EXPECT_LE(needed, 500U);
}

/// Uses the pool after its janitor has been: its own destructor was registered before his.
struct late_user {
  ~late_user() {
    for (std::size_t i = 0; i < 40; ++i) frame_pool::deallocate(left[i], bytes);
    for (int i = 0; i < 40; ++i) frame_pool::deallocate(frame_pool::allocate(bytes), bytes);
  }
  std::vector<void*> left;
};

TEST(FramePool, a_thread_may_use_it_in_its_last_destructors) {
  const std::size_t needed = blocks_of_100_rounds([](const std::vector<void*>& blocks) {
    std::thread other([&] {
      thread_local late_user last;
      last.left.assign(blocks.begin(), blocks.begin() + 40);
      deallocate({blocks.begin() + 40, blocks.end()});
    });
    other.join();
  });
  EXPECT_LE(needed, 500U);
}

/// Whether the page of `block` is still this process's.
bool mapped(const void* block) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  unsigned char resident = 0;
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(block) / page * page;
  return ::mincore(reinterpret_cast<void*>(begin), page, &resident) == 0;
}

/// The bytes of `blocks` that have gone back to the system once all of them are free, in per cent.
std::size_t given_back(std::vector<void*> blocks, std::size_t each) {
  deallocate(blocks, each);
  async::event_loop idle;
  idle.run_to_the_end();
  const auto gone = std::count_if(blocks.begin(), blocks.end(), [](const void* one) { return !mapped(one); });
  return static_cast<std::size_t>(gone) * 100 / blocks.size();
}

constexpr std::size_t burst_bytes = 64 * 1024 * 1024;

TEST(FramePool, memory_of_a_burst_goes_back_to_the_system) {
  for (const std::size_t each : {std::size_t{112}, std::size_t{192}, std::size_t{1024}})
    EXPECT_GE(given_back(allocate(burst_bytes / each, each), each), 90U) << each;
}

TEST(FramePool, memory_of_a_burst_goes_back_in_whatever_order_it_is_freed) {
  std::vector<void*> blocks = allocate(burst_bytes / bytes);
  std::mt19937_64 random(1);
  std::shuffle(blocks.begin(), blocks.end(), random);
  EXPECT_GE(given_back(std::move(blocks), bytes), 90U);
}

TEST(FramePool, memory_that_goes_back_takes_no_block_along_that_is_in_use) {
  std::vector<void*> blocks = allocate(burst_bytes / bytes);
  std::vector<std::pair<int*, int>> kept;
  for (std::size_t i = 0; i < blocks.size(); i += 20'000) {
    kept.emplace_back(::new (blocks[i]) int(static_cast<int>(i)), static_cast<int>(i));
    blocks[i] = frame_pool::allocate(bytes);
  }
  given_back(std::move(blocks), bytes);
  for (const auto& [where, what] : kept) {
    EXPECT_EQ(*where, what);
    frame_pool::deallocate(where, bytes);
  }
}

#endif

#if !defined(HANDOFF_TEST_TSAN)

TEST(FramePool, a_large_block_lies_at_a_multiple_of_a_page_at_most) {
  for (const auto& [size, alignment] : {std::pair<std::size_t, std::size_t>{3 << 10, 1 << 10},
                                        {3 << 12, 1 << 12},
                                        {1 << 13, 1 << 12},
                                        {1 << 20, 1 << 12}}) {
    void* const block = frame_pool::allocate(size);
    EXPECT_EQ(allocations::last_alignment(), alignment) << "of " << size << " bytes";
    frame_pool::deallocate(block, size);
  }
}

/// As clang asks for a frame with an object that is aligned more strictly than anything that has to be.
TEST(FramePool, a_block_that_asks_for_more_alignment_than_the_pool_gives_has_it) {
  constexpr std::align_val_t strict{1 << 16};
  for (const std::size_t size : {std::size_t{48}, std::size_t{70'000}}) {
    void* const block = async::pooled::operator new(size, strict);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % (1 << 16), 0U);
    async::pooled::operator delete(block, size, strict);
  }
}

#endif

}  // namespace

}  // namespace handoff::async_tests
