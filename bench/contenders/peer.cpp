#include "bench/contenders/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/children/child_process.hpp"
#include "bench/contenders/peer_messages.hpp"
#include "bench/frame/visible.hpp"
#include "bench/text/csv.hpp"
#include "harness/placement.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

namespace {

using clock = child_process::clock;
using harness::sample;
using harness::sample_status;

sample failed(sample_status status, std::string detail) {
  sample made;
  made.status = status;
  made.detail = std::move(detail);
  return made;
}

/// A peer that breaks the protocol or ends; what() is the sentence of the row.
class peer_failure : public std::runtime_error {
 public:
  peer_failure(sample_status status, const std::string& detail) : runtime_error(detail), status_(status) {}
  sample_status status() const noexcept { return status_; }

 private:
  sample_status status_;
};

/// One answer must come within it.
struct time_limit {
  std::chrono::milliseconds length;
  clock::time_point deadline = clock::now() + length;
};

child_process::environment peer_environment() {
  child_process::environment kept{"LC_ALL=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name)) kept.push_back(fmt::format("{}={}", name, value));
  return kept;
}

/// A running peer that is asked one thing at a time. Throws peer_failure; the peer is then of no more use.
class conversation {
 public:
  explicit conversation(const peer_program& program)
      : child_({program.command.begin(), program.command.end()}, peer_environment()) {}

  peer_identity greet(const time_limit& limit) {
    if (const int error = child_.start_error(); error != 0)
      give_up({.reason = ending::not_started, .code = error}, limit);
    return ask(hello_request, read_hello, limit);
  }
  sample open(const harness::cell& cell, const harness::session_options& options, const time_limit& limit) {
    return ask([&](std::uint64_t id) { return open_request(id, cell, options); }, read_opened, limit);
  }
  sample take(const time_limit& limit) { return ask(sample_request, read_sample, limit); }

  /// Tells the peer that nothing more comes, and gives it a moment to end by itself.
  void finish() {
    child_.close_input();
    child_.read_until([](std::string_view) { return false; }, clock::now() + std::chrono::seconds(1));
  }

 private:
  template <class Request, class Reply>
  Reply ask(Request request, Reply (*read)(std::string_view, std::uint64_t), const time_limit& limit) {
    expect_silence();
    const std::uint64_t id = ++last_id_;
    child_.write(request(id), limit.deadline);
    const auto has_line = [](std::string_view output) { return output.find('\n') != output.npos; };
    if (const auto end = child_.read_until(has_line, limit.deadline)) give_up(*end, limit);
    const std::string line = child_.take_output('\n');
    expect_silence();
    try {
      return read(line, id);
    } catch (const std::invalid_argument& wrong) {
      throw peer_failure(sample_status::crashed,
                         fmt::format("the peer's reply breaks the protocol: {}", wrong.what()));
    }
  }

  /// A peer that is between two requests has nothing to say, and nothing to do.
  void expect_silence() {
    if (const auto text = child_.pending_output(); !text.empty())
      throw peer_failure(sample_status::crashed, fmt::format("the peer wrote '{}' without being asked",
                                                             quotation(text.substr(0, text.find('\n')))));
  }

  [[noreturn]] void give_up(child_end end, const time_limit& limit) {
    const auto status = end.reason == ending::timed_out ? sample_status::timeout : sample_status::crashed;
    throw peer_failure(status, sentence_about("the peer", end, child_.last_words(), limit.length));
  }

  child_process child_;
  std::uint64_t last_id_ = 0;
};

/// What was wrong with a sample that its peer calls `ok`, as far as it shows here: a tree is visited whole.
std::string contradiction(const sample& taken, const harness::cell& cell) {
  if (taken.status != sample_status::ok || !cell.tree) return {};
  const std::uint64_t nodes = harness::facts_of(*cell.tree).nodes, visited = taken.items.value_or(0);
  if (visited != 0 && visited % nodes == 0) return {};
  return fmt::format("the peer visited {} nodes, which is no multiple of the tree's {}", visited, nodes);
}

/// One cell, opened in a process of its own. After a failure the next sample begins with a new process.
class served_session : public harness::cell_session {
 public:
  served_session(const peer_program& program, const harness::cell& cell,
                 const harness::session_options& options)
      : where_(cell.pin), program_(program), cell_(cell), options_(options) {}
  ~served_session() override {
    if (running_) running_->finish();
  }

  sample take() override try {
    const time_limit limit{std::chrono::ceil<std::chrono::milliseconds>(options_.step_limit)};
    if (!running_) open(limit);
    if (opened_.status != sample_status::ok) return opened_;
    sample taken = running_->take(limit);
    const std::string wrong = contradiction(taken, cell_);
    return wrong.empty() ? std::move(taken) : failed(sample_status::corrupt, wrong);
  } catch (const peer_failure& failure) {
    running_.reset();
    return failed(failure.status(), failure.what());
  }

 private:
  void open(const time_limit& limit) {
    const harness::temporary_place here(where_, 0);  // the peer inherits it
    running_.emplace(program_);
    running_->greet(limit);
    opened_ = running_->open(cell_, options_, limit);
  }

  const harness::placement where_;
  const peer_program program_;
  const harness::cell cell_;
  const harness::session_options options_;
  std::optional<conversation> running_;
  sample opened_;
};

}  // namespace

std::string missing_program(const peer_program& program) {
  if (!program.needs.empty()) return std::string(program.needs);
  if (program.command.empty()) return "a command";
  if (find_program(std::string(program.command.front())).empty()) return std::string(program.command.front());
  return {};
}

std::string describe_peer(const peer_program& program) try {
  conversation running(program);
  const peer_identity identity = running.greet({std::chrono::seconds(20)});
  running.finish();
  return fmt::format("{} {}", identity.name, identity.version);
} catch (const peer_failure&) {
  return {};
}

std::optional<std::string> why_peer_cannot(const peer_program& program, const harness::cell& cell) {
  if (std::ranges::count(program.scenarios, to_string(cell.scenario)) == 0)
    return fmt::format("the peer does not offer {}", to_string(cell.scenario));
  if (cell.pin != harness::pinning::none && program.wait != to_string(wait_kind::loop))
    return "only a peer that runs on one thread can be pinned";
  return harness::why_nobody_can(cell);
}

std::unique_ptr<harness::cell_session> open_peer(const peer_program& program, const harness::cell& cell,
                                                 const harness::session_options& options) {
  return std::make_unique<served_session>(program, cell, options);
}

}  // namespace handoff::bench
