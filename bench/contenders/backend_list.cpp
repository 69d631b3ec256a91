#include "bench/contenders/backend_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "bench/text/json_text.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

std::vector<std::string> wait_words(const backend_traits& traits) {
  std::vector<std::string> words;
  for (const auto wait : wait_kind_words.values())
    if (traits.waits.contains(wait)) words.emplace_back(to_string(wait));
  return words;
}

constexpr std::array<std::string_view, 8> headings{"name",     "kind",        "P/C",      "bounded",
                                                   "ordering", "exact empty", "progress", "waits"};
using table_row = std::array<std::string, headings.size()>;

table_row row_of(const backend& listed) {
  const auto& traits = listed.traits;
  const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
  return {listed.name,
          listed.is_peer() ? "peer" : std::string(to_string(traits.runs_on)),
          fmt::format("{}/{}", to_string(traits.producers), to_string(traits.consumers)),
          yes_no(traits.bounded),
          std::string(to_string(traits.order)),
          yes_no(traits.exact_empty),
          std::string(to_string(traits.guarantee)),
          joined(wait_words(traits), " ")};
}

/// The rows as aligned columns, two blanks apart.
std::string aligned(const std::vector<table_row>& rows) {
  std::array<std::size_t, headings.size()> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

json traits_json(const backend& listed) {
  const auto& traits = listed.traits;
  return {{"summary", traits.summary},
          {"reference", traits.reference},
          {"producers", to_string(traits.producers)},
          {"consumers", to_string(traits.consumers)},
          {"bounded", traits.bounded},
          {"ordering", to_string(traits.order)},
          {"exact_empty", traits.exact_empty},
          {"progress", to_string(traits.guarantee)},
          {"waits", wait_words(traits)},
          {"execution", to_string(traits.runs_on)}};
}

/// An unavailable backend has declared nothing.
json nothing_declared() {
  json nothing;
  for (const auto* key :
       {"summary", "reference", "producers", "consumers", "bounded", "ordering", "exact_empty", "progress"})
    nothing[key] = nullptr;
  nothing["waits"] = json::array();
  nothing["execution"] = nullptr;
  return nothing;
}

}  // namespace

std::string backend_table(const backend_catalog& catalog) {
  std::vector<table_row> rows(1);
  std::ranges::copy(headings, rows.front().begin());
  for (const auto& listed : catalog)
    if (listed.available()) rows.push_back(row_of(listed));
  std::string text = aligned(rows) + "\n";
  for (const auto& listed : catalog)
    if (listed.available())
      text += fmt::format("{}: {} [{}]\n", listed.name, listed.traits.summary, listed.traits.reference);
  for (const auto& listed : catalog)
    if (!listed.available()) text += fmt::format("{}: unavailable: needs {}\n", listed.name, listed.needs);
  return text;
}

std::string backend_json(const backend_catalog& catalog) {
  json all = json::array();
  for (const auto& listed : catalog) {
    json one{{"name", listed.name},
             {"kind", listed.is_peer() ? "peer" : "backend"},
             {"available", listed.available()},
             {"needs", listed.available() ? json(nullptr) : json(listed.needs)}};
    one.update(listed.available() || listed.is_peer() ? traits_json(listed) : nothing_declared());
    all.push_back(std::move(one));
  }
  return json_text(all);
}

}  // namespace handoff::bench
