// Backends for tests of matrices and plans: nothing of them is ever run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/contenders/catalog.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench::testing {

inline harness::contender fake_contender(wait_kind wait) {
  return {.wait = wait,
          .why_not = [wait](const harness::cell& c) -> std::optional<std::string> {
            if (c.scenario == harness::scenario::join && wait == wait_kind::native && c.backend == "tickets")
              return "not joinable";
            return std::nullopt;
          },
          .open = {}};
}

inline backend fake_backend(std::string_view name, wait_set waits, bool bounded) {
  backend made;
  made.name = name;
  made.traits = {.name = name,
                 .summary = "a fake",
                 .reference = "none",
                 .bounded = bounded,
                 .order = bounded ? ordering::fifo : ordering::per_producer_fifo,
                 .waits = waits};
  for (const auto wait : wait_kind_words.values())
    if (waits.contains(wait)) made.contenders.push_back(fake_contender(wait));
  return made;
}

/// mutex_condvar (native), tickets (native, yield, park; not joinable natively), endless (spin, yield;
/// unbounded), coroutine (loop), missing (needs a library), snake (a peer).
inline backend_catalog fake_catalog() {
  backend_catalog catalog;
  catalog.push_back(fake_backend("mutex_condvar", {wait_kind::native}, true));
  catalog.push_back(fake_backend("tickets", {wait_kind::native, wait_kind::yield, wait_kind::park}, true));
  catalog.push_back(fake_backend("endless", {wait_kind::spin, wait_kind::yield}, false));
  catalog.push_back(fake_backend("coroutine", {wait_kind::loop}, true));
  catalog.back().traits.runs_on = execution::coroutines;
  backend missing;
  missing.name = missing.traits.name = "missing";
  missing.needs = "libmissing-dev";
  catalog.push_back(missing);
  catalog.push_back(fake_backend("snake", {wait_kind::loop}, true));
  catalog.back().peer = peer_program{.name = "snake",
                                     .command = {},
                                     .scenarios = {},
                                     .ordering = {},
                                     .wait = {},
                                     .summary = {},
                                     .reference = {}};
  catalog.back().traits.runs_on = execution::coroutines;
  return catalog;
}

/// What the text comes to; the file is called m.toml.
inline matrix parsed(std::string_view text, const backend_catalog& catalog) {
  return parse_matrix(text, "m.toml", catalog);
}

/// The plan of a matrix text on a machine of four cores.
inline std::vector<planned_cell> plan_of(std::string_view text, const backend_catalog& catalog,
                                         const selection& wanted = {}) {
  return plan_cells(parsed(text, catalog), catalog, wanted, 4);
}

inline std::vector<std::string> names_of(const std::vector<planned_cell>& cells) {
  std::vector<std::string> names;
  for (const auto& cell : cells) names.push_back(cell.name);
  return names;
}

}  // namespace handoff::bench::testing
