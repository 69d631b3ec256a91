#include "bench/contenders/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/contenders/peer.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

template <class Value, std::size_t N>
Value word_of_line(std::string_view peer, std::string_view key, std::string_view word,
                   const word_table<Value, N>& words) {
  if (const auto value = words.value_of(word)) return *value;
  throw std::logic_error(fmt::format("handoff_add_peer({}): {} '{}' is unknown; {}", peer, key, word,
                                     suggestion(word, words_of(words))));
}

}  // namespace

backend unavailable_backend(std::string_view name, std::string_view needs) {
  backend made;
  made.name = name;
  made.traits.name = name;
  made.needs = needs;
  return made;
}

backend peer_backend(const peer_program& program) {
  backend made;
  made.name = program.name;
  made.needs = missing_program(program);
  made.peer = program;
  const auto wait = word_of_line(program.name, "WAIT", program.wait, wait_kind_words);
  const bool on_a_loop = wait == wait_kind::loop;
  for (const auto scenario : program.scenarios)
    word_of_line(program.name, "SCENARIOS", scenario, harness::scenario_words);
  made.traits = {.name = program.name,
                 .summary = program.summary,
                 .reference = program.reference,
                 .order = word_of_line(program.name, "ORDERING", program.ordering, ordering_words),
                 .guarantee = on_a_loop ? progress::single_threaded : progress::blocking,
                 .waits = {wait},
                 .runs_on = on_a_loop ? execution::coroutines : execution::threads};
  made.contenders.push_back(
      {.wait = wait,
       .why_not = [program](const harness::cell& cell) { return why_peer_cannot(program, cell); },
       .open = [program](
                   const harness::cell& cell,
                   const harness::session_options& options) { return open_peer(program, cell, options); }});
  return made;
}

const backend* find_backend(const backend_catalog& catalog, std::string_view name) {
  const auto found = std::ranges::find(catalog, name, &backend::name);
  return found == catalog.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const backend_catalog& catalog) {
  std::vector<std::string> names;
  for (const auto& each : catalog) names.push_back(each.name);
  return names;
}

}  // namespace handoff::bench
