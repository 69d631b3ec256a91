#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/concurrent_channel.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <utility>

#include "bench/channel/contender.hpp"

namespace handoff::bench {

namespace {

using asio_numbers = asio::experimental::concurrent_channel<void(asio::error_code, std::uint64_t)>;

constexpr std::uint64_t end_marker = 0;

/// The last producer sends a marker to each consumer.
asio::awaitable<void> produce(asio_numbers& channel, const channel_stream& stream,
                              std::atomic<unsigned>& left) {
  for (std::uint64_t i = 1; i <= stream.items; ++i) co_await channel.async_send({}, i, asio::use_awaitable);
  // (1) acq_rel: partner (1), of the other producers: their items precede the markers
  if (left.fetch_sub(1, std::memory_order_acq_rel) != 1) co_return;
  for (unsigned i = 0; i < stream.consumers; ++i)
    co_await channel.async_send({}, end_marker, asio::use_awaitable);
}

asio::awaitable<void> consume(asio_numbers& channel, std::atomic<std::uint64_t>& all) {
  std::uint64_t sum = 0;
  for (;;) {
    const std::uint64_t item = co_await channel.async_receive(asio::use_awaitable);
    if (item == end_marker) break;
    sum += item;
  }
  all.fetch_add(sum, std::memory_order_relaxed);  // read once the threads have been joined
}

}  // namespace

std::uint64_t stream_through_asio(const channel_stream& stream, void (*begin)()) {
  asio::thread_pool pool(stream.threads);
  asio_numbers channel(pool, stream.capacity);
  std::atomic<unsigned> left{stream.producers};
  std::atomic<std::uint64_t> all{0};
  begin();
  for (unsigned i = 0; i < stream.consumers; ++i) asio::co_spawn(pool, consume(channel, all), asio::detached);
  for (unsigned i = 0; i < stream.producers; ++i)
    asio::co_spawn(pool, produce(channel, stream, left), asio::detached);
  pool.join();
  return all.load(std::memory_order_relaxed);  // ordered by the join
}

}  // namespace handoff::bench
