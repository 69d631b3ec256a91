// Sessions over every contender that is registered and available.
#include <string>
#include <vector>

#include "bench/contenders/backend_entry.hpp"
#include "bench/contenders/registry.hpp"
#include "tests/harness/real_contender.hpp"

namespace handoff::harness_tests {

namespace {

std::vector<real_cell> registered_cells() {
  std::vector<real_cell> all;
  for (const bench::registered_backend& line : bench::registry().backends) {
    if (!line.available) continue;
    const bench::backend_entry& backend = line.get();
    for (const harness::contender_entry& contender : backend.contenders)
      add_cells(backend.traits, contender, all);
  }
  return all;
}

std::string by_contender(const testing::TestParamInfo<real_cell>& info) {
  return info.param.c.backend + "_" + by_cell(info);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(registered, real_contender, testing::ValuesIn(registered_cells()), by_contender);

}  // namespace handoff::harness_tests
