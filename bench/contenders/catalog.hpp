// What a matrix may name and a cell may run: every registered backend and peer in one shape.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/contenders/backend_entry.hpp"
#include "bench/contenders/registry.hpp"
#include "harness/session.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::bench {

/// A backend with one of its waits.
struct contender {
  wait_kind wait;
  /// The reason why it cannot run a cell, or nothing.
  std::function<std::optional<std::string>(const harness::cell&)> why_not;
  std::function<std::unique_ptr<harness::cell_session>(const harness::cell&, const harness::session_options&)>
      open;
};

/// A backend or a peer.
struct contestant {
  std::string name;
  bool is_peer = false;
  std::string needs;      ///< what is missing; empty if it is available
  backend_traits traits;  ///< of an unavailable backend only the name is known
  std::vector<contender> contenders;
  const backend_entry* entry = nullptr;  ///< null for a peer or an unavailable backend

  bool available() const noexcept { return needs.empty(); }
};

using catalog = std::vector<contestant>;

catalog make_catalog(const registry_lines& lines);

const contestant* find_contestant(const catalog& known, std::string_view name);

std::vector<std::string> names_of(const catalog& known);

}  // namespace handoff::bench
