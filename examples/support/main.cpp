// handoff-patterns: runs one of the example programs, see docs/patterns.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/frame/options.hpp"
#include "examples/support/pattern.hpp"
#include "examples/support/say.hpp"
#include "examples/support/step_trace.hpp"
#include "examples/support/thread_backends.hpp"
#include "queues/async/run.hpp"

namespace handoff::patterns {

namespace {

using bench::usage_error;

struct arguments {
  std::string name, backend;
  bool list = false, virtual_time = false, trace = false;
};

void declare(CLI::App& app, arguments& line) {
  app.add_option("NAME", line.name, "Pattern to run")->type_name("");
  app.add_flag("--list", line.list, "Print the patterns, one per line");
  app.add_flag("--virtual-time", line.virtual_time, "Do not sleep: the loop's clock jumps to the next timer");
  app.add_flag("--trace", line.trace,
               "Print each step of the loop with its three queues, in lines that begin with |");
  app.add_option("--backend", line.backend,
                 "Run one of the first five patterns on threads, with this queue; handoff-bench\n"
                 "--list-backends lists them. A second of sleep becomes a millisecond")
      ->type_name("QUEUE");
}

/// The names of `all`, for the end of a sentence.
template <class Range, class Name>
std::string names(const Range& all, Name name) {
  std::string text;
  for (const auto& one : all) text += fmt::format("{}{}", text.empty() ? "" : ", ", name(one));
  return text;
}

const pattern& find_pattern(std::string_view name) {
  const auto all = all_patterns();
  const auto found = std::find_if(all.begin(), all.end(), [&](const pattern* p) { return p->name == name; });
  if (found != all.end()) return **found;
  const std::string known = names(all, [](const pattern* p) { return p->name; });
  if (name.empty()) throw usage_error(fmt::format("name a pattern; expected one of {}", known));
  throw usage_error(fmt::format("unknown pattern '{}'; expected one of {}", name, known));
}

const thread_backend& find_backend(const std::string& name) {
  const auto all = all_backends();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& b) { return b.name == name; });
  if (found == all.end())
    throw usage_error(fmt::format("unknown backend '{}'; expected one of {}", name,
                                  names(all, [](const thread_backend& b) { return b.name; })));
  if (!found->lacks.empty())
    throw usage_error(fmt::format("the backend {} is unavailable: it needs {}", name, found->lacks));
  return *found;
}

void run_threaded(const pattern& what, const arguments& line) {
  const thread_backend& backend = find_backend(line.backend);
  if (line.trace)
    throw usage_error(
        "--trace shows the steps of a loop, which --backend does not have; leave out one of them");
  if (what.on_threads.run == nullptr)
    throw usage_error(fmt::format("the pattern {} does not run on threads; leave out --backend {}", what.name,
                                  line.backend));
  if (const auto reason = backend.why_not(what.on_threads.needs))
    throw usage_error(fmt::format("the pattern {} cannot run on the backend {}, which {}", what.name,
                                  line.backend, *reason));
  run_on_threads(what.on_threads, backend, pace(!line.virtual_time));
}

void run_on_loop(const pattern& what, const arguments& line) {
  step_trace trace;
  if (line.trace) step_trace::print_legend();
  async::run(what.program(), line.virtual_time ? async::loop_clock::virtual_time : async::loop_clock::steady,
             line.trace ? &trace : nullptr);
}

void perform(const arguments& line) {
  if (line.list) {
    for (const pattern* const one : all_patterns()) say("{:<12} {}", one->name, one->sentence);
    return;
  }
  const pattern& what = find_pattern(line.name);
  if (line.backend.empty())
    run_on_loop(what, line);
  else
    run_threaded(what, line);
}

int run_program(int argc, char** argv) {
  arguments line;
  CLI::App app("Runs a small program of producers and consumers; docs/patterns.md describes them.",
               "handoff-patterns");
  declare(app, line);
  if (bench::read_options(app, argc, argv)) perform(line);
  return 0;
}

}  // namespace

}  // namespace handoff::patterns

int main(int argc, char** argv) {
  using namespace handoff;
  constexpr const char* name = "handoff-patterns";
  return bench::run_framed(name, [=] {
    try {
      return patterns::run_program(argc, argv);
    } catch (const async::interrupted&) {
      bench::tell(name, "interrupted; every task was cancelled and has ended");
      return 130;
    }
  });
}
