#include "bench/fork_join/measure.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "bench/frame/errors.hpp"
#include "harness/clock.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

namespace {

/// What the child tells its parent: a sample, or what was wrong.
struct report {
  walk_sample sample;
  char wrong[240] = {};  ///< empty, or a clause
};

void visit_all(walker& walks, node_count expected) {
  const node_count visited = walks.visit();
  if (visited != expected)
    throw run_error(fmt::format("visited {} nodes of a tree that has {}", visited, expected));
}

walk_sample measure(const contender& what, harness::tree_name tree, unsigned threads, double seconds) {
  constexpr double ns_per_s = 1e9;
  const node_count nodes = harness::facts_of(tree).nodes;
  const std::unique_ptr<walker> walks = what.open(tree, threads);
  std::int64_t began_ns = harness::now_ns();
  visit_all(*walks, nodes);
  std::int64_t ended_ns = harness::now_ns();
  std::uint64_t rounds = 1;
  const auto elapsed_ns = [&] { return static_cast<double>(ended_ns - began_ns); };
  if (elapsed_ns() < seconds * ns_per_s) {
    began_ns = ended_ns;
    for (rounds = 0; elapsed_ns() < seconds * ns_per_s; ++rounds) {
      visit_all(*walks, nodes);
      ended_ns = harness::now_ns();
    }
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  constexpr std::uint64_t kib = 1024;
  return {.node_ns = elapsed_ns() / static_cast<double>(rounds * nodes),
          .peak_rss_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * kib};
}

/// Ends the process without the parent's destructors.
[[noreturn]] void report_to(int pipe_end, const contender& what, harness::tree_name tree, unsigned threads,
                            double seconds) {
  report said;
  const auto say = [&said](const char* clause) {
    std::snprintf(said.wrong, sizeof said.wrong, "%s", clause);
  };
  try {
    said.sample = measure(what, tree, threads, seconds);
  } catch (const std::exception& error) {
    say(error.what());
  } catch (...) {
    say("threw something that is no std::exception");
  }
  const bool written = write(pipe_end, &said, sizeof said) == sizeof said;
  _exit(written ? 0 : 1);
}

[[noreturn]] void fail(std::string_view call) {
  throw run_error(fmt::format("{} failed: {}", call, std::strerror(errno)));
}

}  // namespace

walk_sample measure_in_child(const contender& what, harness::tree_name tree, unsigned threads,
                             double seconds) {
  int ends[2];
  if (pipe(ends) != 0) fail("pipe");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    close(ends[0]);
    report_to(ends[1], what, tree, threads, seconds);
  }
  close(ends[1]);
  report said;
  const bool complete = read(ends[0], &said, sizeof said) == sizeof said;  // one small write: never in parts
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string wrong = said.wrong;
  if (!complete)
    wrong = WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status)) : "ended early";
  if (!wrong.empty())
    throw run_error(
        fmt::format("{} on {} threads, {}: {}", what.name, threads, harness::to_string(tree), wrong));
  return said.sample;
}

}  // namespace handoff::bench
