#include "bench/contenders/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/contenders/peer.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

contestant from_backend(const registered_backend& line) {
  contestant made;
  made.name = line.name;
  made.traits.name = line.name;
  if (!line.available) {
    made.needs = line.needs;
    return made;
  }
  made.entry = &line.get();
  made.traits = made.entry->traits;
  for (const auto& entry : made.entry->contenders)
    made.contenders.push_back({entry.wait, entry.why_not, entry.open});
  return made;
}

template <class Value, std::size_t N>
Value word_of_line(std::string_view peer, std::string_view key, std::string_view word,
                   const std::array<Value, N>& values) {
  if (const auto value = from_word(word, values)) return *value;
  throw std::logic_error(fmt::format("handoff_add_peer({}): {} '{}' is unknown; {}", peer, key, word,
                                     suggestion(word, words_of(values))));
}

contestant from_peer(const registered_peer& line) {
  contestant made;
  made.name = line.name;
  made.is_peer = true;
  made.needs = missing_program(line);
  const auto wait = word_of_line(line.name, "WAIT", line.wait, all_waits);
  const bool on_a_loop = wait == wait_kind::loop;
  for (const auto scenario : line.scenarios)
    word_of_line(line.name, "SCENARIOS", scenario, harness::all_scenarios);
  made.traits = {.name = line.name,
                 .summary = line.summary,
                 .reference = line.reference,
                 .order = word_of_line(line.name, "ORDERING", line.ordering, all_orderings),
                 .guarantee = on_a_loop ? progress::single_threaded : progress::blocking,
                 .waits = {wait},
                 .runs_on = on_a_loop ? execution::coroutines : execution::threads};
  made.contenders.push_back({wait, [line](const harness::cell& cell) { return why_peer_cannot(line, cell); },
                             [line](const harness::cell& cell, const harness::session_options& options) {
                               return open_peer(line, cell, options);
                             }});
  return made;
}

}  // namespace

catalog make_catalog(const registry_lines& lines) {
  catalog known;
  for (const auto& line : lines.backends) known.push_back(from_backend(line));
  for (const auto& line : lines.peers) known.push_back(from_peer(line));
  return known;
}

const contestant* find_contestant(const catalog& known, std::string_view name) {
  const auto found = std::ranges::find(known, name, &contestant::name);
  return found == known.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const catalog& known) {
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.name);
  return names;
}

}  // namespace handoff::bench
