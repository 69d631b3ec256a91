#include "harness/sample.hpp"

namespace handoff::harness {

std::string_view to_string(sample_status status) noexcept {
  switch (status) {
    case sample_status::ok: return "ok";
    case sample_status::corrupt: return "corrupt";
    case sample_status::crashed: return "crashed";
    case sample_status::timeout: return "timeout";
    case sample_status::skipped: return "skipped";
    case sample_status::unavailable: return "unavailable";
    case sample_status::unsustained: return "unsustained";
  }
  return "invalid sample_status";
}

}  // namespace handoff::harness
