// --list-backends: what can be measured here, and what each backend declares.
#pragma once

#include <string>

#include "bench/contenders/catalog.hpp"

namespace handoff::bench {

/// The list as a table for people.
std::string backend_table(const backend_catalog& catalog);

/// The same for scripts: an array of objects.
std::string backend_json(const backend_catalog& catalog);

}  // namespace handoff::bench
