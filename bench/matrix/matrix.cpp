#include "bench/matrix/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <variant>

#include "bench/frame/errors.hpp"
#include "bench/matrix/toml_reader.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

using node_list = std::vector<const toml::node*>;

constexpr int most_cells = 200'000;
constexpr std::size_t most_key_parts = 16;

/// The values of a key, each read by `read(node)`; nothing if the key is absent.
template <class Read>
auto values(toml_reader& in, std::string_view key, Read read) {
  std::optional<std::vector<std::invoke_result_t<Read, const toml::node&>>> all;
  const auto nodes = in.list(key);
  if (!nodes) return all;
  all.emplace();
  for (const auto* node : *nodes) all->push_back(read(*node));
  return all;
}

[[noreturn]] void fail_unknown(toml_reader& in, const toml::node& node, std::string_view key,
                               std::string_view word, std::span<const std::string_view> words) {
  const std::vector<std::string> known(words.begin(), words.end());
  in.fail(node, fmt::format("unknown {} '{}'; {}", key, word, suggestion(word, known)));
}

template <class Value, std::size_t N>
std::optional<std::vector<Value>> words(toml_reader& in, std::string_view key,
                                        const word_table<Value, N>& table) {
  return values(in, key, [&](const toml::node& node) {
    const auto word = in.text_of(node, key);
    const auto value = table.value_of(word);
    if (!value) fail_unknown(in, node, key, word, table.words());
    return *value;
  });
}

bool is_numeral(std::string_view word) {
  return word.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A value of an axis; the word itself is the one of the list, which outlives the file.
struct value_reader {
  toml_reader& in;
  const toml::node& node;
  std::string_view key;

  harness::axis_value operator()(harness::not_listed) const {
    throw std::logic_error(fmt::format("a matrix lists no values of {}", key));
  }
  harness::axis_value operator()(harness::whole_numbers range) const {
    return static_cast<std::uint64_t>(in.whole_of(node, key, static_cast<std::int64_t>(range.least),
                                                  static_cast<std::int64_t>(range.most)));
  }
  harness::axis_value operator()(harness::shares) const { return in.number_of(node, key, 0, 1); }
  harness::axis_value operator()(const harness::word_list& list) const {
    const auto* number = node.as_integer();
    const bool is_number = number != nullptr && std::ranges::any_of(list.words, is_numeral);
    if (!is_number && node.as_string() == nullptr && !list.refusal.empty()) refuse(list);
    const auto word = is_number ? fmt::to_string(number->get()) : in.text_of(node, key);
    const auto found = std::ranges::find(list.words, word);
    if (found != list.words.end() && is_numeral(word) == is_number) return *found;
    if (!list.refusal.empty()) refuse(list);
    fail_unknown(in, node, key, word, list.words);
  }
  [[noreturn]] void refuse(const harness::word_list& list) const {
    in.fail(node, fmt::format("{} {}", key, list.refusal));
  }
};

std::vector<harness::axis_value> values_of(toml_reader& in, const harness::axis& axis) {
  const auto read = [&](const toml::node& node) {
    return std::visit(value_reader{in, node, axis.key}, axis.domain);
  };
  return values(in, axis.key, read).value_or(std::vector{axis.otherwise});
}

std::vector<unsigned> workers(toml_reader& in, std::string_view key) {
  std::vector<unsigned> counts;
  for (const auto& count : values_of(in, harness::axis_named(key)))
    counts.push_back(static_cast<unsigned>(std::get<std::uint64_t>(count)));
  return counts;
}

/// `shapes`: pairs; or `producers` and `consumers`, in every combination.
std::vector<std::pair<unsigned, unsigned>> shapes(toml_reader& in) {
  const auto producers = workers(in, "producers");
  const auto consumers = workers(in, "consumers");
  const auto* node = in.find("shapes");
  std::vector<std::pair<unsigned, unsigned>> pairs;
  if (node == nullptr) {
    for (const auto p : producers)
      for (const auto c : consumers) pairs.emplace_back(p, c);
    return pairs;
  }
  if (in.has("producers") || in.has("consumers"))
    in.fail(*node, "shapes cannot be combined with producers or consumers; use one or the other");
  const auto nodes = in.list("shapes");
  for (const auto* shape : *nodes) {
    const auto* pair = shape->as_array();
    if (pair == nullptr || pair->size() != 2)
      in.fail(*shape, "a shape is a pair of producers and consumers; write shapes = [[1, 1], [2, 2]]");
    const auto count = [&](std::size_t side, std::string_view axis) {
      const auto range = std::get<harness::whole_numbers>(harness::axis_named(axis).domain);
      return static_cast<unsigned>(in.whole_of(*pair->get(side), "shapes",
                                               static_cast<std::int64_t>(range.least),
                                               static_cast<std::int64_t>(range.most)));
    };
    pairs.emplace_back(count(0, "producers"), count(1, "consumers"));
  }
  return pairs;
}

std::vector<std::string> backends(toml_reader& in, const backend_catalog& catalog,
                                  const std::vector<std::string>& without) {
  const auto nodes = in.list("backends");
  std::vector<std::string> chosen;
  if (!nodes) {
    chosen.emplace_back("all");
  } else {
    for (const auto* node : *nodes) {
      chosen.push_back(in.text_of(*node, "backends"));
      std::optional<std::string> unknown;
      resolve_backends({chosen.back()}, catalog, unknown);
      if (unknown)
        in.fail(*node, fmt::format("unknown backend '{}'; {}", *unknown,
                                   suggestion(*unknown, backend_words(catalog))));
    }
  }
  std::optional<std::string> none;
  return resolve_backends(chosen, catalog, none, without);
}

bool asks_for_all(toml_reader& in, std::string_view key) {
  const auto* node = in.find(key);
  return node != nullptr && node->value<std::string>() == "all";
}

std::optional<std::vector<wait_kind>> waits(toml_reader& in) {
  if (!in.has("waits") || asks_for_all(in, "waits")) return std::nullopt;
  return words(in, "waits", wait_kind_words);
}

std::vector<harness::scenario> scenarios(toml_reader& in) {
  if (asks_for_all(in, "scenario")) {
    const auto all = harness::scenario_words.values();
    return {all.begin(), all.end()};
  }
  return words(in, "scenario", harness::scenario_words).value_or(std::vector<harness::scenario>());
}

/// An axis that belongs to one scenario makes no sense in a table without it.
void check_owner(toml_reader& in, const harness::axis& axis, const cell_table& table) {
  const auto* node = in.find(axis.key);
  if (node == nullptr || !axis.owner || std::ranges::count(table.scenarios, *axis.owner) != 0) return;
  in.fail(*node, fmt::format("{} belongs to the scenario {}, which this table does not name; leave it out",
                             axis.key, to_string(*axis.owner)));
}

/// Every axis that a matrix lists but for the shapes' two: first those of all cells, then those of one
/// scenario, then those that a contender may lack.
std::vector<const harness::axis*> axes_of_a_table() {
  std::vector<const harness::axis*> listed;
  for (const auto& axis : harness::axes())
    if (!std::holds_alternative<harness::not_listed>(axis.domain) && axis.key != "producers" &&
        axis.key != "consumers")
      listed.push_back(&axis);
  std::ranges::stable_sort(listed, {}, [](const harness::axis* axis) {
    return std::pair(axis->bounded_only, axis->owner.has_value());
  });
  return listed;
}

cell_table read_cells(const toml::table& cells, const matrix& all, const backend_catalog& catalog) {
  toml_reader in(cells, all.file.string(), "[[cells]]");
  cell_table table;
  table.scenarios = scenarios(in);
  table.backends = backends(in, catalog, all.without);
  table.waits = waits(in);
  table.shapes = shapes(in);
  for (const auto* axis : axes_of_a_table()) table.axes.push_back({axis, values_of(in, *axis)});
  in.reject_unknown_keys();
  if (table.scenarios.empty())
    in.fail_here(fmt::format("these [[cells]] name no scenario; write scenario = \"all\", or some of {}",
                             joined(words_of(harness::scenario_words))));
  for (const auto& listed : table.axes) check_owner(in, *listed.axis, table);
  return table;
}

std::string backend_of(toml_reader& top, const toml::node& node, std::string_view key, std::string_view role,
                       const backend_catalog& catalog) {
  std::string name = top.text_of(node, key);
  if (find_backend(catalog, name) == nullptr)
    top.fail(node,
             fmt::format("unknown backend '{}' {}; {}", name, role, suggestion(name, names_of(catalog))));
  return name;
}

void read_roles(toml_reader& top, const backend_catalog& catalog, matrix& matrix) {
  if (const auto* node = top.find("reference"))
    matrix.reference = backend_of(top, *node, "reference", "as the reference", catalog);
  const auto left_out = [&](const toml::node& node) {
    return backend_of(top, node, "without", "to leave out", catalog);
  };
  matrix.without = values(top, "without", left_out).value_or(std::vector<std::string>());
}

void read_settings(toml_reader& top, const backend_catalog& catalog, matrix& matrix) {
  matrix.description = top.text("description").value_or("");
  read_roles(top, catalog, matrix);
  matrix.blocks = static_cast<unsigned>(top.whole("blocks", 1, 10'000).value_or(matrix.blocks));
  matrix.samples = static_cast<unsigned>(top.whole("samples", 1, 1'000).value_or(matrix.samples));
  if (const auto rounds = top.whole("rounds", 1, 10'000)) {
    if (const auto* samples = top.find("samples"))
      top.fail(*samples, "samples and rounds exclude each other; leave samples out");
    matrix.rounds = static_cast<unsigned>(*rounds);
  }
  matrix.sample_ms = static_cast<unsigned>(top.whole("sample_ms", 1, 60'000).value_or(matrix.sample_ms));
  matrix.seed =
      static_cast<std::uint64_t>(top.whole("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(1));
  matrix.steal_limit = top.number("steal_limit", 0, 1);
  matrix.equivalence = top.number("equivalence", 0, 1).value_or(matrix.equivalence);
}

/// How many cells a table asks for, if none repeats another.
double combinations(const cell_table& table, const backend_catalog& catalog) {
  double contenders = 0, scenarios = 0;
  for (const auto& name : table.backends) {
    const backend& who = *find_backend(catalog, name);
    contenders += who.available() ? 0 : 1;
    for (const auto& with : who.contenders)
      if (!table.waits || std::ranges::count(*table.waits, with.wait) != 0) ++contenders;
  }
  for (const auto scenario : table.scenarios) {
    double own = 1;
    for (const auto& [axis, values] : table.axes)
      if (!axis->owner || axis->owner == scenario) own *= static_cast<double>(values.size());
    scenarios += own;
  }
  return contenders * scenarios * static_cast<double>(table.shapes.size());
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  // The parser has no limit of its own: it calls itself once per part, until the stack ends.
  if (const auto line = line_of_long_key(text, most_key_parts); line != 0)
    throw usage_error(fmt::format("{}:{}: a key of more than {} parts; no key of a matrix has a dot", file,
                                  line, most_key_parts));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw usage_error(
        fmt::format("{}:{}: this is not TOML: {}", file, error.source().begin.line, error.description()));
  }
}

}  // namespace

matrix parse_matrix(std::string_view text, const std::filesystem::path& file,
                    const backend_catalog& catalog) {
  const std::string name = file.string();
  const toml::table table = parse_toml(text, name);
  matrix made;
  made.name = file.stem();
  made.file = file;
  made.text = text;
  toml_reader top(table, name, "");
  read_settings(top, catalog, made);
  const auto* cells = top.find("cells");
  top.reject_unknown_keys();
  const auto* tables = cells != nullptr ? cells->as_array() : nullptr;
  if (tables == nullptr || !tables->is_homogeneous<toml::table>())
    throw usage_error(fmt::format("{}:{}: there are no cells to measure; write at least one [[cells]] table",
                                  name, cells != nullptr ? cells->source().begin.line : 1));
  double asked_for = 0;
  for (const auto& node : *tables) {
    made.tables.push_back(read_cells(*node.as_table(), made, catalog));
    asked_for += combinations(made.tables.back(), catalog);
    if (asked_for > most_cells)
      throw usage_error(
          fmt::format("{}:{}: up to here the matrix expands to {:.0f} cells; at most {} are allowed", name,
                      node.source().begin.line, asked_for, most_cells));
  }
  return made;
}

std::vector<std::string> resolve_backends(const std::vector<std::string>& words,
                                          const backend_catalog& catalog, std::optional<std::string>& unknown,
                                          const std::vector<std::string>& without) {
  std::vector<std::string> names;
  const auto has = [&](std::string_view word) { return std::ranges::count(words, word) != 0; };
  for (const auto& who : catalog) {
    // What an unavailable backend runs on is unknown; it is listed among the threaded ones, as most are.
    const auto group = who.is_peer()                              ? "peers"
                       : who.traits.runs_on == execution::threads ? "threads"
                                                                  : "coroutines";
    const bool in_a_group = (has("all") || has(group)) && std::ranges::count(without, who.name) == 0;
    if (in_a_group || has(who.name)) names.push_back(who.name);
  }
  const auto understood = backend_words(catalog);
  for (const auto& word : words)
    if (!unknown && std::ranges::count(understood, word) == 0) unknown = word;
  return names;
}

std::vector<std::string> backend_words(const backend_catalog& catalog) {
  std::vector<std::string> words{"all", "threads", "coroutines", "peers"};
  for (const auto& name : names_of(catalog)) words.push_back(name);
  return words;
}

}  // namespace handoff::bench
