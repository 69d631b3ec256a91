// JSON, as the program reads and prints it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace handoff::bench {

/// Fields keep their order. One type for all: each more that is used takes seconds to compile.
using json = nlohmann::ordered_json;

/// Indented, with a final line feed. Names of files, hosts and machines may contain any bytes; those that are
/// not UTF-8 become U+FFFD, because JSON cannot hold them.
inline std::string json_text(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace handoff::bench
