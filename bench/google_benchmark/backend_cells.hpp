// Makes one backend: everything that must be compiled for it. Included once per backend, by the
// file generated from its handoff_add_backend() line.
#pragma once

#include <string_view>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "bench/fidelity/plain_loops.hpp"
#include "bench/micro/coroutine_costs.hpp"
#include "bench/micro/layering_costs.hpp"
#include "bench/micro/push_pop.hpp"
#include "harness/make_contender.hpp"
#include "queues/contract/traits.hpp"
#include "queues/support/with_wait.hpp"

namespace handoff::bench {

template <template <class> class Backend>
std::vector<harness::contender> contenders_of() {
  std::vector<harness::contender> contenders;
  const auto add = [&]<wait_kind Wait>() {
    if constexpr (Backend<plain_item>::traits.waits.contains(Wait))
      contenders.push_back(harness::make_contender<support::waiting<Backend, Wait>::template queue>(Wait));
  };
  add.template operator()<wait_kind::native>();
  add.template operator()<wait_kind::loop>();
  add.template operator()<wait_kind::spin>();
  add.template operator()<wait_kind::yield>();
  add.template operator()<wait_kind::park>();
  return contenders;
}

template <template <class> class Backend>
backend make_backend(std::string_view name) {
  constexpr backend_traits traits = Backend<plain_item>::traits;
  static_assert(!traits.waits.empty(),
                "the traits name no way of waiting (waits): nothing would be measured");
  backend made;
  made.name = name;
  made.traits = traits;
  made.traits.name = name;
  made.contenders = contenders_of<Backend>();
  add_push_pop<Backend>(made.microbenchmarks);
  if constexpr (traits.runs_on == execution::threads) {
    made.plain_loops = plain_loops<Backend>::all();
    add_layering_costs<Backend>(made.microbenchmarks);
  } else {
    add_coroutine_costs<Backend>(made.microbenchmarks);
  }
  return made;
}

}  // namespace handoff::bench
