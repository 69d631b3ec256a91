#include "harness/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <variant>

#include "harness/axes.hpp"
#include "harness/item.hpp"
#include "harness/trees/node.hpp"

namespace handoff::harness {

std::size_t item_bytes(item_kind kind) noexcept {
  switch (kind) {
    case item_kind::bytes_8: return sizeof(item_8);
    case item_kind::bytes_64: return sizeof(item_64);
    case item_kind::move_only: return sizeof(item_move_only);
    case item_kind::node: return sizeof(tree_node);
  }
  return 0;
}

std::optional<std::string> why_nobody_can(const cell& c) {
  const scenario_facts& facts = facts_of(c.scenario);
  if (facts.one_worker_per_side && (c.producers != 1 || c.consumers != 1))
    return fmt::format("{} has one producer and one consumer", facts.word);
  if (facts.grows) {
    if (c.producers != c.consumers)
      return fmt::format("the workers of {} are producers and consumers at once", facts.word);
    if (!c.tree) return fmt::format("{} needs a tree", facts.word);
    if (c.item != item_kind::node) return fmt::format("the items of {} are nodes", facts.word);
    if (c.work_producer_ns != 0)
      return fmt::format("the work of {} is work_consumer_ns, per node", facts.word);
  } else if (c.item == item_kind::node) {
    return fmt::format("{} has no nodes", facts.word);
  }
  if (facts.stops && !c.stop) return fmt::format("{} needs a stop protocol", facts.word);
  return std::nullopt;
}

namespace {

std::string text_of(const axis_value& value) {
  return std::visit(
      []<class Value>(const Value& known) {
        if constexpr (std::is_same_v<Value, std::monostate>)
          return std::string("-");
        else
          return fmt::to_string(known);
      },
      value);
}

}  // namespace

std::string name_of(const cell& c) {
  static const cell untouched;
  std::string name = fmt::format("{}/{}", to_string(c.scenario), c.backend);
  const auto all = axes();
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(first, all.end(), [&](const axis& a) { return a.label != first->label; });
    if (std::any_of(first, last,
                    [&](const axis& a) { return a.always_named || a.get(c) != a.get(untouched); }))
      for (auto each = first; each != last; ++each)
        name += (each == first ? fmt::format("/{}:", first->label) : "-") + text_of(each->get(c));
    first = last;
  }
  return name;
}

}  // namespace handoff::harness
