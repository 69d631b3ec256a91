#include "bench/contenders/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "bench/contenders/subprocess.hpp"
#include "bench/rows/columns.hpp"
#include "bench/text/csv.hpp"
#include "bench/text/words.hpp"
#include "harness/placement.hpp"

namespace handoff::bench {

namespace {

using harness::sample;
using harness::sample_status;
using ending = subprocess_result::ending;

sample failed(sample_status status, std::string detail) {
  sample made;
  made.status = status;
  made.detail = std::move(detail);
  return made;
}

/// The last line of a peer's stderr, as the end of a sentence.
std::string last_line(std::string_view text) {
  const auto end = text.find_last_not_of(" \r\n\t");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const auto begin = text.find_last_of('\n');
  return fmt::format(": {}", text.substr(begin == std::string_view::npos ? 0 : begin + 1));
}

/// The sample of a process that did not end well; nothing if it did.
std::optional<sample> bad_end(const subprocess_result& result, std::chrono::milliseconds limit) {
  switch (result.how) {
    case ending::timed_out:
      return failed(sample_status::timeout,
                    fmt::format("the peer did not end within {} s", plain_decimal(limit.count() / 1000.0)));
    case ending::talked_too_much:
      return failed(sample_status::crashed, "the peer printed more than a mebibyte where a row was expected");
    case ending::not_started:
      return failed(sample_status::crashed, fmt::format("the peer could not be started: {}",
                                                        std::generic_category().message(result.code)));
    case ending::signalled:
      return failed(sample_status::crashed, fmt::format("the peer was ended by signal {} ({}){}", result.code,
                                                        ::strsignal(result.code), last_line(result.err)));
    case ending::exited: break;
  }
  if (result.code == 0) return std::nullopt;
  return failed(sample_status::crashed,
                fmt::format("the peer ended with status {}{}", result.code, last_line(result.err)));
}

std::vector<std::string> peer_environment() {
  std::vector<std::string> kept{"LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name)) kept.push_back(fmt::format("{}={}", name, value));
  return kept;
}

/// The sample that a peer printed. Throws std::invalid_argument with a clause.
sample read_sample(std::string_view text) {
  const auto lines = parse_csv(text);
  if (lines.size() != 2)
    throw std::invalid_argument(fmt::format("{} lines instead of a header and one row", lines.size()));
  const auto& header = lines[0];
  const auto& row = lines[1];
  if (row.size() != header.size())
    throw std::invalid_argument(fmt::format("{} columns but {} values", header.size(), row.size()));
  sample made;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (std::count(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(i), header[i]) != 0)
      throw std::invalid_argument(fmt::format("column '{}' is there twice", header[i]));
    if (const auto wrong = read_measured(header[i], row[i], made); !wrong.empty())
      throw std::invalid_argument(wrong);
  }
  if (std::ranges::count(header, "status") == 0) throw std::invalid_argument("there is no column 'status'");
  if (made.status != sample_status::ok && made.detail.empty())
    throw std::invalid_argument(fmt::format("status {} without a detail", to_string(made.status)));
  return made;
}

class peer_session : public harness::cell_session {
 public:
  peer_session(std::vector<std::string> command, std::chrono::milliseconds limit, harness::pinning pin)
      : where_(pin), command_(std::move(command)), limit_(limit) {}

  sample take() override {
    const harness::temporary_place here(where_, 0);  // the peer inherits it
    return run_peer(command_, limit_);
  }

 private:
  const harness::placement where_;
  std::vector<std::string> command_;
  std::chrono::milliseconds limit_;
};

}  // namespace

std::string missing_program(const registered_peer& line) {
  if (line.command.empty()) return "a command";
  if (find_program(std::string(line.command.front())).empty()) return std::string(line.command.front());
  return {};
}

std::string describe_peer(const registered_peer& line) {
  constexpr std::chrono::seconds limit(20);
  std::vector<std::string> command(line.command.begin(), line.command.end());
  command.emplace_back("--describe");
  const auto result = run_subprocess(command, limit, peer_environment());
  if (result.how != ending::exited || result.code != 0) return {};
  return result.out.substr(0, result.out.find('\n'));
}

std::optional<std::string> why_peer_cannot(const registered_peer& line, const harness::cell& cell) {
  if (std::ranges::count(line.scenarios, to_string(cell.what)) == 0)
    return fmt::format("the peer does not offer {}", to_string(cell.what));
  if (cell.pin != harness::pinning::none && line.wait != to_string(wait_kind::loop))
    return "only a peer that runs on one thread can be pinned";
  if (cell.what == harness::scenario::ping_pong && (cell.producers != 1 || cell.consumers != 1))
    return "ping_pong has one producer and one consumer";
  return std::nullopt;
}

std::vector<std::string> peer_command(const registered_peer& line, const harness::cell& cell,
                                      const harness::session_options& options) {
  std::vector<std::string> command(line.command.begin(), line.command.end());
  const auto option = [&](std::string_view name, std::string value) {
    command.emplace_back(name);
    command.push_back(std::move(value));
  };
  option("--scenario", std::string(to_string(cell.what)));
  option("--producers", fmt::to_string(cell.producers));
  option("--consumers", fmt::to_string(cell.consumers));
  if (cell.capacity) option("--capacity", fmt::to_string(*cell.capacity));
  option("--item", std::string(to_string(cell.item)));
  option("--work-producer-ns", fmt::to_string(cell.work_producer_ns));
  option("--work-consumer-ns", fmt::to_string(cell.work_consumer_ns));
  if (cell.rate) option("--rate", plain_decimal(*cell.rate));
  if (cell.stop) option("--stop", std::string(to_string(*cell.stop)));
  const std::chrono::duration<double, std::milli> length = options.sample_length;
  option("--sample-ms", plain_decimal(length.count()));
  option("--samples", "1");
  option("--seed", fmt::to_string(options.seed));
  return command;
}

sample run_peer(const std::vector<std::string>& command, std::chrono::milliseconds limit) {
  const auto result = run_subprocess(command, limit, peer_environment());
  if (auto bad = bad_end(result, limit)) return *bad;
  try {
    return read_sample(result.out);
  } catch (const std::invalid_argument& wrong) {
    return failed(sample_status::crashed, fmt::format("the peer printed no sample: {}", wrong.what()));
  }
}

std::unique_ptr<harness::cell_session> open_peer(const registered_peer& line, const harness::cell& cell,
                                                 const harness::session_options& options) {
  return std::make_unique<peer_session>(peer_command(line, cell, options),
                                        std::chrono::ceil<std::chrono::milliseconds>(options.step_limit),
                                        cell.pin);
}

}  // namespace handoff::bench
