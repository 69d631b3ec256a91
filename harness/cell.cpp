#include "harness/cell.hpp"

#include <fmt/format.h>

#include "harness/item.hpp"

namespace handoff::harness {

std::string_view to_string(scenario value) noexcept {
  switch (value) {
    case scenario::throughput: return "throughput";
    case scenario::ping_pong: return "ping_pong";
    case scenario::paced: return "paced";
    case scenario::join: return "join";
    case scenario::shutdown: return "shutdown";
  }
  return "invalid scenario";
}

std::string_view to_string(stop_protocol value) noexcept {
  switch (value) {
    case stop_protocol::sentinel: return "sentinel";
    case stop_protocol::relay: return "relay";
    case stop_protocol::close: return "close";
    case stop_protocol::join_cancel: return "join_cancel";
  }
  return "invalid stop_protocol";
}

std::string_view to_string(pinning value) noexcept {
  switch (value) {
    case pinning::none: return "none";
    case pinning::compact: return "compact";
    case pinning::spread: return "spread";
  }
  return "invalid pinning";
}

std::string_view to_string(item_kind value) noexcept {
  switch (value) {
    case item_kind::bytes_8: return "8";
    case item_kind::bytes_64: return "64";
    case item_kind::move_only: return "move_only";
  }
  return "invalid item_kind";
}

std::size_t item_bytes(item_kind kind) noexcept {
  switch (kind) {
    case item_kind::bytes_8: return sizeof(item_8);
    case item_kind::bytes_64: return sizeof(item_64);
    case item_kind::move_only: return sizeof(item_move_only);
  }
  return 0;
}

std::string name_of(const cell& c) {
  std::string name = fmt::format("{}/{}/p:{}/c:{}/cap:{}/bytes:{}/wait:{}", to_string(c.what), c.backend,
                                 c.producers, c.consumers, c.capacity ? fmt::to_string(*c.capacity) : "-",
                                 to_string(c.item), c.wait ? to_string(*c.wait) : "-");
  const auto out = std::back_inserter(name);
  if (c.stop) fmt::format_to(out, "/stop:{}", to_string(*c.stop));
  if (c.rate) fmt::format_to(out, "/rate:{}", *c.rate);
  if (c.work_producer_ns != 0 || c.work_consumer_ns != 0)
    fmt::format_to(out, "/work:{}-{}", c.work_producer_ns, c.work_consumer_ns);
  if (c.pin != pinning::none) fmt::format_to(out, "/pin:{}", to_string(c.pin));
  if (c.control) name += "/control:1";
  return name;
}

}  // namespace handoff::harness
