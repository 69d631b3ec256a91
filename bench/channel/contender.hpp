// Channels between coroutines on threads: what each is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace handoff::bench {

struct channel_stream {
  unsigned threads;
  unsigned producers, consumers;
  std::uint64_t items;  ///< of each producer: 1, 2, … items
  std::size_t capacity;
};

struct channel_contender {
  std::string_view name;
  /// Streams all items and closes the channel; returns the sum of what came out. Starts its threads, and
  /// calls `begin` once they are there.
  std::uint64_t (*run)(const channel_stream& stream, void (*begin)());
};

const std::vector<channel_contender>& channel_contenders();

std::uint64_t stream_through_channel(const channel_stream& stream, void (*begin)());
#if defined(HANDOFF_HAS_ASIO)
std::uint64_t stream_through_asio(const channel_stream& stream, void (*begin)());
#endif

}  // namespace handoff::bench
