// Sessions over a real contender: every scenario that it can run returns a sample with exactly the figures of
// that scenario.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/axes.hpp"
#include "harness/make_contender.hpp"
#include "harness/trees/tree.hpp"
#include "queues/support/with_wait.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

struct real_cell {
  harness::contender contender;
  harness::cell c;
};

inline void PrintTo(const real_cell& r, std::ostream* out) { *out << name_of(r.c); }

/// The cell with every word of the axis that its scenario alone has, or with its usual number; without such
/// an axis, as it is.
inline std::vector<harness::cell> with_own_axis(harness::cell c) {
  for (const harness::axis& own : harness::axes()) {
    if (own.owner != c.scenario) continue;
    std::vector<harness::cell> variants;
    const auto add = [&](const harness::axis_value& value) {
      own.set(c, value);
      variants.push_back(c);
    };
    if (const auto* list = std::get_if<harness::word_list>(&own.domain))
      for (const std::string_view word : list->words) {
        add(word);
        // Of trees, those that take no longer than a sample.
        if (c.tree && harness::facts_of(*c.tree).nodes > 10'000) variants.pop_back();
      }
    else
      add(own.otherwise);
    return variants;
  }
  return {c};
}

/// All scenarios, stop protocols and shapes of one or two workers per side; the kinds of items in one shape.
inline std::vector<harness::cell> cells_of(std::string_view backend, wait_kind wait, bool bounded) {
  using namespace harness;  // NOLINT(google-build-using-namespace): every name here is the harness's
  std::vector<cell> cells;
  cell c;
  c.backend = backend;
  c.wait = wait;
  if (bounded) c.capacity = 64;
  for (c.scenario = scenario::throughput;
       const item_kind kind : {item_kind::bytes_64, item_kind::move_only}) {
    c.item = kind;
    cells.push_back(c);
  }
  c.item = item_kind::bytes_8;
  for (c.producers = 1; c.producers <= 2; ++c.producers)
    for (c.consumers = 1; c.consumers <= 2; ++c.consumers)
      for (const scenario each : scenario_words.values()) {
        c.scenario = each;
        c.item = each == scenario::tree ? item_kind::node : item_kind::bytes_8;
        for (const cell& variant : with_own_axis(c)) cells.push_back(variant);
      }
  return cells;
}

/// Those cells that a contender can run.
inline void add_cells(const backend_traits& traits, const harness::contender& entry,
                      std::vector<real_cell>& all) {
  for (const harness::cell& c : cells_of(traits.name, entry.wait, traits.bounded))
    if (!entry.why_not(c)) all.push_back({entry, c});
}

template <template <class> class Backend, wait_kind Wait>
void add_cells(std::vector<real_cell>& all) {
  constexpr backend_traits traits = Backend<harness::item_8>::traits;
  if constexpr (traits.waits.contains(Wait))
    add_cells(traits, harness::make_contender<support::waiting<Backend, Wait>::template queue>(Wait), all);
}

template <template <class> class Backend>
std::vector<real_cell> real_cells() {
  std::vector<real_cell> all;
  add_cells<Backend, wait_kind::native>(all);
  add_cells<Backend, wait_kind::loop>(all);
  add_cells<Backend, wait_kind::yield>(all);
  add_cells<Backend, wait_kind::park>(all);
  return all;
}

/// Opens the cell, takes a sample of 2 ms, and compares it with the scenario's definition.
void expect_true_sample(const real_cell& r);

class real_contender : public testing::TestWithParam<real_cell> {};

/// "throughput_p2_c1_park_close": the parts of a cell's name that distinguish it from the others of its
/// backend.
inline const auto by_cell = [](const testing::TestParamInfo<real_cell>& info) {
  const harness::cell& c = info.param.c;
  std::string name = std::string(to_string(c.scenario)) + "_p" + std::to_string(c.producers) + "_c" +
                     std::to_string(c.consumers) + "_" + std::string(to_string(*c.wait));
  if (c.stop) name += "_" + std::string(to_string(*c.stop));
  if (c.tree) name += "_" + std::string(to_string(*c.tree));
  if (c.item != harness::item_kind::bytes_8 && !c.tree) name += "_" + std::string(to_string(c.item));
  return name;
};

}  // namespace handoff::harness_tests
