#include "harness/cell.hpp"

#include <fmt/format.h>

#include "harness/item.hpp"

namespace handoff::harness {

std::size_t item_bytes(item_kind kind) noexcept {
  switch (kind) {
    case item_kind::bytes_8: return sizeof(item_8);
    case item_kind::bytes_64: return sizeof(item_64);
    case item_kind::move_only: return sizeof(item_move_only);
  }
  return 0;
}

std::optional<std::string> why_nobody_can(const cell& c) {
  const scenario_facts& facts = facts_of(c.what);
  if (facts.one_worker_per_side && (c.producers != 1 || c.consumers != 1))
    return fmt::format("{} has one producer and one consumer", facts.word);
  if (facts.stops && !c.stop) return fmt::format("{} needs a stop protocol", facts.word);
  return std::nullopt;
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
