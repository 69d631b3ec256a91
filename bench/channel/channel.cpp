#include "queues/channel/channel.hpp"

#include <utility>
#include <vector>

#include "bench/channel/contender.hpp"
#include "queues/stealing/task.hpp"

namespace handoff::bench {

namespace {

using numbers = channel<std::uint64_t>;
using stealing::task;

task<> produce(numbers& channel, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    std::uint64_t item = i;
    co_await channel.async_push(std::move(item));
  }
}

task<std::uint64_t> consume(numbers& channel) {
  std::uint64_t sum = 0;
  for (std::uint64_t item = 0;;) {
    const op_status popped = co_await channel.async_pop(item);
    if (popped != op_status::success) co_return sum;
    sum += item;
  }
}

task<> produce_all(numbers& channel, const channel_stream& stream) {
  for (unsigned i = 0; i < stream.producers; ++i) co_await stealing::fork(produce(channel, stream.items));
  co_await stealing::join();
  channel.close();
}

task<std::uint64_t> stream_all(numbers& channel, const channel_stream& stream) {
  std::vector<std::uint64_t> sums(stream.consumers);
  for (std::uint64_t& sum : sums) co_await stealing::fork(sum, consume(channel));
  co_await produce_all(channel, stream);
  co_await stealing::join();
  std::uint64_t all = 0;
  for (const std::uint64_t sum : sums) all += sum;
  co_return all;
}

}  // namespace

std::uint64_t stream_through_channel(const channel_stream& stream, void (*begin)()) {
  stealing_executor executor(stream.threads);
  numbers channel(stream.capacity);
  begin();
  return executor.run(stream_all(channel, stream));
}

}  // namespace handoff::bench
