#include "harness/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <type_traits>

namespace handoff::harness {

namespace {

constexpr std::uint64_t most_workers = 1024;
constexpr std::uint64_t most_capacity = std::uint64_t{1} << 30;
constexpr std::uint64_t most_work_ns = 1'000'000'000;

axis_value to_axis(std::unsigned_integral auto value) { return std::uint64_t{value}; }
axis_value to_axis(double value) { return value; }
template <class Enum>
  requires std::is_enum_v<Enum> axis_value to_axis(Enum value) { return to_string(value); }
template <class Value>
axis_value to_axis(const std::optional<Value>& value) {
  return value ? to_axis(*value) : axis_value();
}

void from_axis(const axis_value& value, std::unsigned_integral auto& member) {
  member = static_cast<std::remove_reference_t<decltype(member)>>(std::get<std::uint64_t>(value));
}
void from_axis(const axis_value& value, double& member) { member = std::get<double>(value); }
template <class Value>
void from_axis(const axis_value& value, std::optional<Value>& member) {
  member.reset();
  if (!std::holds_alternative<std::monostate>(value)) from_axis(value, member.emplace());
}

template <auto Member>
axis_value get(const cell& c) {
  return to_axis(c.*Member);
}
template <auto Member>
void set(cell& c, const axis_value& value) {
  from_axis(value, c.*Member);
}
/// Of an enum, whose words `Table` holds, or of an optional one.
template <auto Member, const auto& Table>
void set_word(cell& c, const axis_value& value) {
  if (const auto* word = std::get_if<std::string_view>(&value))
    c.*Member = Table.value_of(*word).value();
  else
    c.*Member = cell{}.*Member;
}

/// Nodes are for `tree` alone, which has no other items.
constexpr std::array listed_item_kinds{to_string(item_kind::bytes_8), to_string(item_kind::bytes_64),
                                       to_string(item_kind::move_only)};

constexpr axis rows[]{
    {.key = "producers",
     .label = "p",
     .domain = whole_numbers{1, most_workers},
     .otherwise = std::uint64_t{1},
     .get = &get<&cell::producers>,
     .set = &set<&cell::producers>,
     .always_named = true},
    {.key = "consumers",
     .label = "c",
     .domain = whole_numbers{1, most_workers},
     .otherwise = std::uint64_t{1},
     .get = &get<&cell::consumers>,
     .set = &set<&cell::consumers>,
     .always_named = true},
    {.key = "capacity",
     .label = "cap",
     .domain = whole_numbers{1, most_capacity},
     .otherwise = std::uint64_t{1024},
     .get = &get<&cell::capacity>,
     .set = &set<&cell::capacity>,
     .always_named = true,
     .bounded_only = true},
    {.key = "item_bytes",
     .label = "bytes",
     .domain = word_list{listed_item_kinds, "must be 8, 64 or \"move_only\""},
     .otherwise = to_string(item_kind::bytes_8),
     .get = &get<&cell::item>,
     .set = &set_word<&cell::item, item_kind_words>,
     .always_named = true,
     .in_a_tree = to_string(item_kind::node)},
    {.key = "wait",
     .label = "wait",
     .get = &get<&cell::wait>,
     .set = &set_word<&cell::wait, wait_kind_words>,
     .always_named = true},
    {.key = "stop",
     .label = "stop",
     .domain = word_list{stop_protocol_words.words()},
     .otherwise = to_string(stop_protocol::close),
     .get = &get<&cell::stop>,
     .set = &set_word<&cell::stop, stop_protocol_words>,
     .owner = scenario::shutdown},
    {.key = "rate",
     .label = "rate",
     .domain = shares{},
     .otherwise = 0.5,
     .get = &get<&cell::rate>,
     .set = &set<&cell::rate>,
     .owner = scenario::paced},
    {.key = "tree",
     .label = "tree",
     .domain = word_list{tree_name_words.words()},
     .otherwise = to_string(tree_name::fib_16),
     .get = &get<&cell::tree>,
     .set = &set_word<&cell::tree, tree_name_words>,
     .owner = scenario::tree},
    {.key = "work_producer_ns",
     .label = "work",
     .domain = whole_numbers{0, most_work_ns},
     .otherwise = std::uint64_t{0},
     .get = &get<&cell::work_producer_ns>,
     .set = &set<&cell::work_producer_ns>},
    {.key = "work_consumer_ns",
     .label = "work",
     .domain = whole_numbers{0, most_work_ns},
     .otherwise = std::uint64_t{0},
     .get = &get<&cell::work_consumer_ns>,
     .set = &set<&cell::work_consumer_ns>},
    {.key = "pinning",
     .label = "pin",
     .domain = word_list{pinning_words.words()},
     .otherwise = to_string(pinning::none),
     .get = &get<&cell::pin>,
     .set = &set_word<&cell::pin, pinning_words>},
    {.key = "control", .label = "control", .get = &get<&cell::control>, .set = &set<&cell::control>},
};

}  // namespace

std::span<const axis> axes() noexcept { return rows; }

const axis& axis_named(std::string_view key) {
  const auto* found = std::ranges::find(rows, key, &axis::key);
  if (found == std::end(rows)) throw std::logic_error(fmt::format("no axis is called {}", key));
  return *found;
}

}  // namespace handoff::harness
