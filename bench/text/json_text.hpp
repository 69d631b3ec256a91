// How the program prints JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace handoff::bench {

/// Indented, with a final line feed. Names of files, hosts and machines may contain any bytes; those that are
/// not UTF-8 become U+FFFD, because JSON cannot hold them.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace handoff::bench
