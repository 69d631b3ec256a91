#include "bench/matrix/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "bench/frame/errors.hpp"
#include "bench/matrix/toml_reader.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

using node_list = std::vector<const toml::node*>;

constexpr std::int64_t most_workers = 1024;
constexpr std::int64_t most_capacity = std::int64_t{1} << 30;
constexpr std::int64_t most_work_ns = 1'000'000'000;
constexpr int most_cells = 200'000;
constexpr std::size_t most_key_parts = 16;

template <class Value, std::size_t N>
std::vector<Value> words(toml_reader& in, std::string_view key, const word_table<Value, N>& known,
                         std::vector<Value> otherwise) {
  const auto nodes = in.list(key);
  if (!nodes) return otherwise;
  std::vector<Value> values;
  for (const auto* node : *nodes) {
    const auto word = in.text_of(*node, key);
    const auto value = known.value_of(word);
    if (!value)
      in.fail(*node, fmt::format("unknown {} '{}'; {}", key, word, suggestion(word, words_of(known))));
    values.push_back(*value);
  }
  return values;
}

template <class Whole>
std::vector<Whole> wholes(toml_reader& in, std::string_view key, std::int64_t least, std::int64_t most,
                          std::vector<Whole> otherwise) {
  const auto nodes = in.list(key);
  if (!nodes) return otherwise;
  std::vector<Whole> values;
  for (const auto* node : *nodes) values.push_back(static_cast<Whole>(in.whole_of(*node, key, least, most)));
  return values;
}

/// `item_bytes`: 8, 64, or the word for the move-only item.
std::vector<harness::item_kind> items(toml_reader& in) {
  const auto nodes = in.list("item_bytes");
  if (!nodes) return {harness::item_kind::bytes_8};
  std::vector<harness::item_kind> kinds;
  for (const auto* node : *nodes) {
    const auto* number = node->as_integer();
    const auto* text = node->as_string();
    const auto word = number != nullptr                               ? fmt::to_string(number->get())
                      : text != nullptr && text->get() == "move_only" ? text->get()
                                                                      : std::string();
    const auto kind = harness::item_kind_words.value_of(word);
    if (!kind) in.fail(*node, "item_bytes has a value that is no item; write 8, 64 or \"move_only\"");
    kinds.push_back(*kind);
  }
  return kinds;
}

/// `shapes`: pairs; or `producers` and `consumers`, in every combination.
std::vector<std::pair<unsigned, unsigned>> shapes(toml_reader& in) {
  const auto producers = wholes<unsigned>(in, "producers", 1, most_workers, {1});
  const auto consumers = wholes<unsigned>(in, "consumers", 1, most_workers, {1});
  const auto* node = in.find("shapes");
  std::vector<std::pair<unsigned, unsigned>> pairs;
  if (node == nullptr) {
    for (const auto p : producers)
      for (const auto c : consumers) pairs.emplace_back(p, c);
    return pairs;
  }
  if (in.has("producers") || in.has("consumers"))
    in.fail(*node, "shapes stands beside producers or consumers; write either shapes, or those two");
  const auto nodes = in.list("shapes");
  for (const auto* shape : *nodes) {
    const auto* pair = shape->as_array();
    if (pair == nullptr || pair->size() != 2)
      in.fail(*shape, "a shape is a pair of producers and consumers; write shapes = [[1, 1], [2, 2]]");
    pairs.emplace_back(in.whole_of(*pair->get(0), "shapes", 1, most_workers),
                       in.whole_of(*pair->get(1), "shapes", 1, most_workers));
  }
  return pairs;
}

std::vector<double> rates(toml_reader& in) {
  const auto nodes = in.list("rate");
  if (!nodes) return {0.5};
  std::vector<double> shares;
  for (const auto* node : *nodes) shares.push_back(in.number_of(*node, "rate", 0, 1));
  return shares;
}

std::vector<std::string> backends(toml_reader& in, const backend_catalog& known) {
  const auto nodes = in.list("backends");
  std::vector<std::string> chosen;
  if (!nodes) {
    chosen.emplace_back("all");
  } else {
    for (const auto* node : *nodes) {
      chosen.push_back(in.text_of(*node, "backends"));
      std::optional<std::string> unknown;
      resolve_backends({chosen.back()}, known, unknown);
      if (unknown)
        in.fail(*node, fmt::format("unknown backend '{}'; {}", *unknown,
                                   suggestion(*unknown, backend_words(known))));
    }
  }
  std::optional<std::string> none;
  return resolve_backends(chosen, known, none);
}

std::optional<std::vector<wait_kind>> waits(toml_reader& in) {
  const auto* node = in.find("waits");
  if (node == nullptr || node->value<std::string>() == "all") return std::nullopt;
  return words(in, "waits", wait_kind_words, std::vector<wait_kind>{});
}

/// An axis that belongs to one scenario makes no sense in a table without it.
void check_owner(toml_reader& in, std::string_view axis, harness::scenario owner, const cell_table& table) {
  const auto* node = in.find(axis);
  if (node != nullptr && std::ranges::count(table.scenarios, owner) == 0)
    in.fail(*node, fmt::format("{} belongs to the scenario {}, which this table does not name; leave it out",
                               axis, to_string(owner)));
}

cell_table read_cells(const toml::table& from, const std::string& file, const backend_catalog& known) {
  toml_reader in(from, file, "[[cells]]");
  cell_table table;
  table.scenarios = words(in, "scenario", harness::scenario_words, {});
  table.backends = backends(in, known);
  table.waits = waits(in);
  table.shapes = shapes(in);
  table.capacities = wholes<std::size_t>(in, "capacity", 1, most_capacity, table.capacities);
  table.items = items(in);
  table.works_producer = wholes<std::uint32_t>(in, "work_producer_ns", 0, most_work_ns, {0});
  table.works_consumer = wholes<std::uint32_t>(in, "work_consumer_ns", 0, most_work_ns, {0});
  table.pins = words(in, "pinning", harness::pinning_words, table.pins);
  table.rates = rates(in);
  table.stops = words(in, "stop", harness::stop_protocol_words, table.stops);
  in.reject_unknown_keys();
  if (table.scenarios.empty())
    in.fail_here(fmt::format("these [[cells]] name no scenario; write scenario = with some of {}",
                             joined(words_of(harness::scenario_words))));
  check_owner(in, "rate", harness::scenario::paced, table);
  check_owner(in, "stop", harness::scenario::shutdown, table);
  return table;
}

void read_reference(toml_reader& top, const backend_catalog& known, matrix& into) {
  const auto* node = top.find("reference");
  if (node == nullptr) return;
  into.reference = top.text_of(*node, "reference");
  if (find_backend(known, into.reference) == nullptr)
    top.fail(*node, fmt::format("unknown backend '{}' as the reference; {}", into.reference,
                                suggestion(into.reference, names_of(known))));
}

void read_settings(toml_reader& top, const backend_catalog& known, matrix& into) {
  into.description = top.text("description").value_or("");
  read_reference(top, known, into);
  into.blocks = static_cast<unsigned>(top.whole("blocks", 1, 10'000).value_or(into.blocks));
  into.samples = static_cast<unsigned>(top.whole("samples", 1, 1'000).value_or(into.samples));
  into.sample_ms = static_cast<unsigned>(top.whole("sample_ms", 1, 60'000).value_or(into.sample_ms));
  into.seed =
      static_cast<std::uint64_t>(top.whole("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(1));
  into.steal_limit = top.number("steal_limit", 0, 1);
}

/// How many cells a table asks for, if none repeats another.
double combinations(const cell_table& table, const backend_catalog& known) {
  double contenders = 0, scenarios = 0;
  for (const auto& name : table.backends) {
    const backend& who = *find_backend(known, name);
    contenders += who.available() ? 0 : 1;
    for (const auto& with : who.contenders)
      if (!table.waits || std::ranges::count(*table.waits, with.wait) != 0) ++contenders;
  }
  for (const auto what : table.scenarios)
    scenarios += static_cast<double>(what == harness::scenario::paced      ? table.rates.size()
                                     : what == harness::scenario::shutdown ? table.stops.size()
                                                                           : 1);
  double product = contenders * scenarios;
  for (const auto axis : {table.shapes.size(), table.capacities.size(), table.items.size(),
                          table.works_producer.size(), table.works_consumer.size(), table.pins.size()})
    product *= static_cast<double>(axis);
  return product;
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

matrix parse_matrix(std::string_view text, const std::filesystem::path& file, const backend_catalog& known) {
  const std::string name = file.string();
  const toml::table table = parse_toml(text, name);
  matrix made;
  made.name = file.stem();
  made.file = file;
  made.text = text;
  toml_reader top(table, name, "");
  read_settings(top, known, made);
  const auto* cells = top.find("cells");
  top.reject_unknown_keys();
  const auto* tables = cells != nullptr ? cells->as_array() : nullptr;
  if (tables == nullptr || !tables->is_homogeneous<toml::table>())
    throw usage_error(fmt::format("{}:{}: there are no cells to measure; write at least one [[cells]] table",
                                  name, cells != nullptr ? cells->source().begin.line : 1));
  double asked_for = 0;
  for (const auto& node : *tables) {
    made.tables.push_back(read_cells(*node.as_table(), name, known));
    asked_for += combinations(made.tables.back(), known);
    if (asked_for > most_cells)
      throw usage_error(
          fmt::format("{}:{}: up to here the matrix multiplies out to {:.0f} cells; {} are the limit", name,
                      node.source().begin.line, asked_for, most_cells));
  }
  return made;
}

std::vector<std::string> resolve_backends(const std::vector<std::string>& words, const backend_catalog& known,
                                          std::optional<std::string>& unknown) {
  std::vector<std::string> names;
  const auto has = [&](std::string_view word) { return std::ranges::count(words, word) != 0; };
  for (const auto& who : known) {
    // What an unavailable backend runs on is unknown; it is listed among the threaded ones, as most are.
    const auto group = who.is_peer()                              ? "peers"
                       : who.traits.runs_on == execution::threads ? "threads"
                                                                  : "coroutines";
    if (has("all") || has(group) || has(who.name)) names.push_back(who.name);
  }
  const auto understood = backend_words(known);
  for (const auto& word : words)
    if (!unknown && std::ranges::count(understood, word) == 0) unknown = word;
  return names;
}

std::vector<std::string> backend_words(const backend_catalog& known) {
  std::vector<std::string> words{"all", "threads", "coroutines", "peers"};
  for (const auto& name : names_of(known)) words.push_back(name);
  return words;
}

}  // namespace handoff::bench
