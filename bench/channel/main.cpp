// handoff-channel: items per second through a channel between many coroutines on a few threads.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/channel/contender.hpp"
#include "bench/children/sample_in_child.hpp"
#include "bench/frame/blocks.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/failed_rows.hpp"
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
  CLI::App app(
      "Streams items from coroutines to coroutines through a channel, and prints medians. Each sample has a\n"
      "process of its own; a row of which one crashed, hung or lost items says so, and the exit status is 1.",

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

/// Millions of items per second. Throws wrong_result.
double stream_rate(const channel_contender& what, const channel_stream& stream) {
  const std::uint64_t sum = what.run(stream, begin_now);
  const auto ns = static_cast<double>(harness::now_ns() - began_ns);
  if (sum != stream.producers * (stream.items * (stream.items + 1) / 2))
    throw wrong_result("the sum of what came out is not that of what went in");
  return 1e3 * static_cast<double>(stream.producers * stream.items) / ns;
}

double median_of(const std::vector<child_sample>& samples) {
  std::vector<double> rates;
  for (const child_sample& one : samples) rates.push_back(one.figures.at(0));
  return harness::median(std::move(rates));
}

/// `ours`: the samples of the first contender on as many threads.
std::string figures_of(const std::vector<child_sample>& samples, const std::vector<child_sample>& ours) {
  const double median = median_of(samples);
  return fmt::format("{:>10.2f} {:>10}", median,
                     failures_of(ours).empty() ? fmt::format("{:.2f}", median / median_of(ours)) : "-");
}

int measure(const arguments& line) {
  std::vector<std::pair<unsigned, std::size_t>> cells;  // threads, contender
  for (const unsigned threads : line.run.threads)
    for (std::size_t i = 0; i < channel_contenders().size(); ++i) cells.emplace_back(threads, i);
  std::map<std::pair<unsigned, std::size_t>, std::vector<child_sample>> samples;
  measure_in_blocks(cells, line.run.blocks, line.run.seed, [&](const auto& cell) {
    const channel_stream stream{cell.first, line.producers, line.consumers, line.items, line.capacity};
    samples[cell].push_back(sample_in_child(
        [&]() -> std::vector<double> { return {stream_rate(channel_contenders()[cell.second], stream)}; },
        line.run.limit()));
  });
  print_out(fmt::format("{:<24} {:>7} {:>10} {:>10}\n", "contender", "threads", "M items/s", "/ channel"));
  std::vector<std::string> failed;
  for (const auto& cell : cells) {
    const std::string_view name = channel_contenders()[cell.second].name;
    const std::string failures = failures_of(samples[cell]);
    if (!failures.empty()) failed.push_back(row_name(name, cell.first));
    print_out(fmt::format("{:<24} {:>7} {}\n", name, cell.first,
                          failures.empty() ? figures_of(samples[cell], samples[{cell.first, 0}]) : failures));
  }
  report_failed(failed);
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
