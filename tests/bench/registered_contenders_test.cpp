// Sessions over every contender that is registered and available.
#include <string>
#include <vector>

#include "bench/contenders/registry.hpp"
#include "tests/harness/real_contender.hpp"

namespace handoff::harness_tests {

namespace {

std::vector<real_cell> registered_cells() {
  std::vector<real_cell> all;
  for (const bench::backend& backend : bench::registry()) {
    if (backend.is_peer()) continue;
    for (const harness::contender& contender : backend.contenders) add_cells(backend.traits, contender, all);
  }
  return all;
}

std::string by_contender(const testing::TestParamInfo<real_cell>& info) {
  return info.param.c.backend + "_" + by_cell(info);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(registered, real_contender, testing::ValuesIn(registered_cells()), by_contender);

}  // namespace handoff::harness_tests
