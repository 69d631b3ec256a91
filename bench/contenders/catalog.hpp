// What a matrix may name and a cell may run: every registered backend and peer in one shape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/contenders/backend.hpp"

namespace handoff::bench {

using backend_catalog = std::vector<backend>;

/// A backend that this program was built without.
backend unavailable_backend(std::string_view name, std::string_view needs);

/// A peer, which is unavailable if this machine lacks its program: that may have come or gone since the
/// build. Throws std::logic_error if its line says something that no cell knows.
backend peer_backend(const peer_program& program);

const backend* find_backend(const backend_catalog& catalog, std::string_view name);

std::vector<std::string> names_of(const backend_catalog& catalog);

}  // namespace handoff::bench
