#include "bench/rows/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <type_traits>
#include <variant>

#include "bench/frame/visible.hpp"
#include "bench/text/csv.hpp"
#include "bench/text/json_text.hpp"
#include "bench/text/words.hpp"
#include "harness/axes.hpp"

namespace handoff::bench {

namespace {

using harness::sample;

std::string text_of(std::uint64_t value) { return fmt::to_string(value); }
std::string text_of(double value) { return plain_decimal(value); }
template <class Value>
std::string text_of(const std::optional<Value>& value) {
  return value ? text_of(*value) : std::string();
}

bool read(const json& value, std::uint64_t& number) {
  if (!value.is_number_unsigned()) return false;
  number = value.get<std::uint64_t>();
  return true;
}
bool read_finite(const json& value, double& number) {
  if (!value.is_number()) return false;
  number = value.get<double>();
  return std::isfinite(number);
}
bool read(const json& value, double& number) { return read_finite(value, number) && number >= 0; }
template <class Value>
bool read(const json& value, std::optional<Value>& number) {
  return read(value, number.emplace());
}

using origin_text = std::string (*)(const row_origin&);
using cell_text = std::string (*)(const planned_cell&);
using measured_text = std::string (*)(const sample&);
using measured_reader = bool (*)(const json&, sample&);

std::string text_of(const harness::axis_value& value) {
  return std::visit(
      []<class Value>(const Value& part) {
        if constexpr (std::is_same_v<Value, std::monostate>)
          return std::string();
        else if constexpr (std::is_same_v<Value, std::string_view>)
          return std::string(part);
        else
          return text_of(part);
      },
      value);
}

/// Exactly one of the three texts is set, or none and the name is an axis's; `reader` belongs to `measured`.
struct column {
  std::string_view name;
  origin_text origin = nullptr;
  cell_text identity = nullptr;
  measured_text measured = nullptr;
  measured_reader reader = nullptr;
};

template <auto Member>
constexpr column value_column(std::string_view name) {
  return {.name = name,
          .measured = [](const sample& s) { return text_of(s.*Member); },
          .reader = [](const json& value, sample& s) { return read(value, s.*Member); }};
}

/// A difference of two measurements, which may be negative.
template <auto Member>
constexpr column difference_column(std::string_view name) {
  column made = value_column<Member>(name);
  made.reader = [](const json& value, sample& s) { return read_finite(value, (s.*Member).emplace()); };
  return made;
}

template <auto Member>
constexpr column latency_column(std::string_view name) {
  return {
      .name = name,
      .measured = [](const sample& s) { return s.latency ? text_of((*s.latency).*Member) : std::string(); },
      .reader =
          [](const json& value, sample& s) {
            if (!s.latency) s.latency.emplace();
            return read(value, (*s.latency).*Member);
          }};
}

template <auto Member>
constexpr column resource_column(std::string_view name) {
  return {.name = name,
          .measured =
              [](const sample& s) { return s.resources ? text_of((*s.resources).*Member) : std::string(); },
          .reader =
              [](const json& value, sample& s) {
                if (!s.resources) s.resources.emplace();
                return read(value, (*s.resources).*Member);
              }};
}

constexpr column origin_column(std::string_view name, origin_text text) {
  return {.name = name, .origin = text};
}
constexpr column cell_column(std::string_view name, cell_text text) {
  return {.name = name, .identity = text};
}
constexpr column axis_column(std::string_view key) { return {.name = key}; }

bool identifies(const column& each) { return each.origin == nullptr && each.measured == nullptr; }
std::string identity_text(const column& each, const planned_cell& cell) {
  if (each.identity != nullptr) return each.identity(cell);
  return text_of(harness::axis_named(each.name).get(cell.cell));
}

constexpr column status_column{
    .name = "status",
    .measured = [](const sample& s) { return std::string(to_string(s.status)); },
    .reader =
        [](const json& value, sample& s) {
          // What a contender outside of this process can know: how it ends is seen from here.
          constexpr std::array known{harness::sample_status::ok, harness::sample_status::corrupt,
                                     harness::sample_status::skipped, harness::sample_status::unsustained};
          if (!value.is_string()) return false;
          const auto status = harness::sample_status_words.value_of(value.get_ref<const std::string&>());
          if (!status || std::ranges::count(known, *status) == 0) return false;
          s.status = *status;
          return true;
        }};

constexpr column detail_column{.name = "detail",
                               .measured = [](const sample& s) { return one_line(s.detail); },
                               .reader =
                                   [](const json& value, sample& s) {
                                     if (!value.is_string()) return false;
                                     s.detail = value.get_ref<const std::string&>();
                                     return true;
                                   }};

constexpr std::array columns{
    origin_column("schema", [](const row_origin&) { return fmt::to_string(schema_version); }),
    origin_column("run", [](const row_origin& o) { return o.run; }),
    origin_column("block", [](const row_origin& o) { return text_of(o.block); }),
    origin_column("sample", [](const row_origin& o) { return text_of(o.sample); }),
    origin_column("seed", [](const row_origin& o) { return text_of(o.seed); }),
    cell_column("cell", [](const planned_cell& c) { return c.name; }),
    cell_column("scenario", [](const planned_cell& c) { return std::string(to_string(c.cell.scenario)); }),
    cell_column("backend", [](const planned_cell& c) { return c.cell.backend; }),
    axis_column("control"),
    cell_column("ordering", [](const planned_cell& c) { return c.ordering; }),
    axis_column("wait"),
    axis_column("stop"),
    axis_column("producers"),
    axis_column("consumers"),
    axis_column("capacity"),
    cell_column("item_bytes",
                [](const planned_cell& c) { return fmt::to_string(harness::item_bytes(c.cell.item)); }),
    axis_column("work_producer_ns"),
    axis_column("work_consumer_ns"),
    axis_column("rate"),
    axis_column("tree"),
    value_column<&sample::rate_items_per_second>("rate_items_per_second"),
    axis_column("pinning"),
    cell_column("oversubscribed",
                [](const planned_cell& c) { return std::string(c.oversubscribed ? "1" : "0"); }),
    value_column<&sample::items>("items"),
    status_column,
    detail_column,
    value_column<&sample::seconds>("seconds"),
    value_column<&sample::items_per_second>("items_per_second"),
    value_column<&sample::push_failed>("push_failed"),
    value_column<&sample::pop_failed>("pop_failed"),
    latency_column<&harness::latency_summary::count>("latency_count"),
    latency_column<&harness::latency_summary::p50>("latency_p50_ns"),
    latency_column<&harness::latency_summary::p90>("latency_p90_ns"),
    latency_column<&harness::latency_summary::p99>("latency_p99_ns"),
    latency_column<&harness::latency_summary::p999>("latency_p999_ns"),
    latency_column<&harness::latency_summary::max>("latency_max_ns"),
    value_column<&sample::join_ns>("join_ns"),
    difference_column<&sample::task_done_ns>("task_done_ns"),
    value_column<&sample::shutdown_ns>("shutdown_ns"),
    value_column<&sample::threads_joined_ns>("threads_joined_ns"),
    value_column<&sample::node_ns>("node_ns"),
    value_column<&sample::serial_node_ns>("serial_node_ns"),
    value_column<&sample::speed_up>("speed_up"),
    value_column<&sample::idle_share>("idle_share"),
    value_column<&sample::kept_share>("kept_share"),
    value_column<&sample::steals>("steals"),
    value_column<&sample::steals_empty>("steals_empty"),
    value_column<&sample::steals_lost>("steals_lost"),
    value_column<&sample::search_share>("search_share"),
    value_column<&sample::clock_ns>("clock_ns"),
    resource_column<&harness::resource_usage::cpu_user_s>("cpu_user_s"),
    resource_column<&harness::resource_usage::cpu_system_s>("cpu_system_s"),
    resource_column<&harness::resource_usage::switches_voluntary>("switches_voluntary"),
    resource_column<&harness::resource_usage::switches_involuntary>("switches_involuntary"),
    resource_column<&harness::resource_usage::steal_s>("steal_s"),
    value_column<&sample::fairness_producers>("fairness_producers"),
    value_column<&sample::fairness_consumers>("fairness_consumers"),
    resource_column<&harness::resource_usage::peak_rss_bytes>("peak_rss_bytes"),
    cell_column("item",
                [](const planned_cell& c) {
                  return std::string(c.cell.item == harness::item_kind::move_only ? "move_only" : "trivial");
                }),
};

std::string cell_status(const planned_cell& c) { return std::string(to_string(c.status)); }

}  // namespace

std::string samples_header() {
  std::vector<std::string> names;
  for (const auto& each : columns) names.emplace_back(each.name);
  return csv_line(names);
}

std::string sample_row(const row_origin& origin, const planned_cell& cell, const sample& measured) {
  std::vector<std::string> fields;
  for (const auto& each : columns) {
    if (each.origin != nullptr)
      fields.push_back(each.origin(origin));
    else if (identifies(each))
      fields.push_back(identity_text(each, cell));
    else
      fields.push_back(each.measured(measured));
  }
  return csv_line(fields);
}

std::string cell_list_csv(const std::vector<planned_cell>& cells) {
  std::vector<std::string> names;
  for (const auto& each : columns)
    if (identifies(each)) names.emplace_back(each.name);
  for (const auto* name : {"status", "detail", "estimate_s", "timeout_s"}) names.emplace_back(name);
  std::string text = csv_line(names);
  for (const auto& cell : cells) {
    std::vector<std::string> fields;
    for (const auto& each : columns)
      if (identifies(each)) fields.push_back(identity_text(each, cell));
    fields.insert(fields.end(), {cell_status(cell), one_line(cell.detail), plain_decimal(cell.estimate_s),
                                 plain_decimal(cell.timeout_s)});
    text += csv_line(fields);
  }
  return text;
}

std::string read_measured(std::string_view column_name, const json& value, sample& measured) {
  std::vector<std::string> names;
  for (const auto& each : columns) {
    if (each.reader == nullptr) continue;
    names.emplace_back(each.name);
    if (each.name != column_name) continue;
    if (each.reader(value, measured)) return {};
    return fmt::format("{} is {}", column_name, quotation(value.dump()));
  }
  return fmt::format("'{}' is not a measured column ({})", quotation(column_name),
                     suggestion(quotation(column_name), names));
}

}  // namespace handoff::bench
