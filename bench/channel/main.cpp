// handoff-channel: items per second through a channel between many coroutines on a few threads.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/channel/contender.hpp"
#include "bench/frame/blocks.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/frame/options.hpp"
#include "harness/clock.hpp"
#include "harness/outcome.hpp"

namespace handoff::bench {

const std::vector<channel_contender>& channel_contenders() {
  static const std::vector<channel_contender> all = {
    {"channel", stream_through_channel},
#if defined(HANDOFF_HAS_ASIO)
    {"asio_concurrent_channel", stream_through_asio},
#endif
  };
  return all;
}

namespace {

struct arguments {
  unsigned producers = 100, consumers = 100;
  std::size_t capacity = 64;
  std::uint64_t items = 5000;
  block_options run;
};

/// False if only help was wanted, which has been printed.
bool parse(arguments& line, int argc, char** argv) {
  CLI::App app("Streams items from coroutines to coroutines through a channel, and prints medians.",
               "handoff-channel");
  const auto at_least_one = CLI::Range(1, 1'000'000);
  app.add_option("--producers", line.producers)->check(at_least_one)->capture_default_str();
  app.add_option("--consumers", line.consumers)->check(at_least_one)->capture_default_str();
  app.add_option("--capacity", line.capacity)->check(at_least_one)->capture_default_str();
  app.add_option("--items", line.items, "Of each producer")->check(at_least_one)->capture_default_str();
  line.run.add_to(app);
  return read_options(app, argc, argv);
}

std::int64_t began_ns = 0;
void begin_now() { began_ns = harness::now_ns(); }

/// Millions of items per second.
double sample(const channel_contender& what, const channel_stream& stream) {
  const std::uint64_t sum = what.run(stream, begin_now);
  const auto ns = static_cast<double>(harness::now_ns() - began_ns);
  if (sum != stream.producers * (stream.items * (stream.items + 1) / 2))
    throw run_error(
        fmt::format("{} on {} threads lost items, or has invented some", what.name, stream.threads));
  return 1e3 * static_cast<double>(stream.producers * stream.items) / ns;
}

int measure(const arguments& line) {
  std::vector<std::pair<unsigned, std::size_t>> cells;  // threads, contender
  for (const unsigned threads : line.run.threads)
    for (std::size_t i = 0; i < channel_contenders().size(); ++i) cells.emplace_back(threads, i);
  std::map<std::pair<unsigned, std::size_t>, std::vector<double>> samples;
  measure_in_blocks(cells, line.run.blocks, line.run.seed, [&](const auto& cell) {
    samples[cell].push_back(sample(channel_contenders()[cell.second],
                                   {cell.first, line.producers, line.consumers, line.items, line.capacity}));
  });
  print_out(fmt::format("{:<24} {:>7} {:>10} {:>10}\n", "contender", "threads", "M items/s", "/ channel"));
  for (const auto& cell : cells) {
    const double median = harness::median(samples[cell]);
    print_out(fmt::format("{:<24} {:>7} {:>10.2f} {:>10.2f}\n", channel_contenders()[cell.second].name,
                          cell.first, median, median / harness::median(samples[{cell.first, 0}])));
  }
  return 0;
}

}  // namespace

}  // namespace handoff::bench

int main(int argc, char** argv) {
  using namespace handoff::bench;
  return run_framed("handoff-channel", [&] {
    arguments line;
    return parse(line, argc, argv) ? measure(line) : 0;
  });
}
