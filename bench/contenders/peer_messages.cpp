#include "bench/contenders/peer_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string_view>
#include <variant>

#include "bench/frame/visible.hpp"
#include "bench/rows/columns.hpp"
#include "bench/text/json_text.hpp"
#include "harness/axes.hpp"

namespace handoff::bench {

namespace {

using harness::sample;
using harness::sample_status;

std::string line_of(const json& request) { return request.dump() + "\n"; }

/// The object in a line. Of two fields with the same name the library would keep one.
json parse_object(std::string_view line) {
  std::set<std::string> names;
  std::string repeated;
  auto object = json::parse(
      line,
      [&](int depth, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::key && depth == 1 &&
            !names.insert(parsed.get<std::string>()).second)
          repeated = parsed.get<std::string>();
        return true;
      },
      false);
  if (!object.is_object())
    throw std::invalid_argument(fmt::format("'{}' is not a JSON object", quotation(line)));
  if (!repeated.empty())
    throw std::invalid_argument(fmt::format("the field '{}' appears twice", quotation(repeated)));
  return object;
}

/// The fields of the reply to request `id`, without the id.
json fields_of(std::string_view line, std::uint64_t id) {
  json object = parse_object(line);
  if (!object.contains("id")) throw std::invalid_argument("there is no field 'id'");
  if (object["id"] != json(id))
    throw std::invalid_argument(
        fmt::format("it answers request {} instead of {}", quotation(object["id"].dump()), id));
  object.erase("id");
  return object;
}

void allow_only(const json& fields, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : fields.items())
    if (std::ranges::find(names, name) == names.end())
      throw std::invalid_argument(fmt::format("unknown field '{}'", quotation(name)));
}

std::string text_field(const json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end()) throw std::invalid_argument(fmt::format("there is no field '{}'", name));
  if (!found->is_string() || found->get_ref<const std::string&>().empty())
    throw std::invalid_argument(fmt::format("{} is {}", name, quotation(found->dump())));
  return found->get<std::string>();
}

/// A sample of the measured columns among the fields.
sample sample_of(const json& fields) {
  sample made;
  for (const auto& [name, value] : fields.items())
    if (const auto wrong = read_measured(name, value, made); !wrong.empty())
      throw std::invalid_argument(wrong);
  if (!fields.contains("status")) throw std::invalid_argument("there is no field 'status'");
  if (made.status != sample_status::ok && made.detail.empty())
    throw std::invalid_argument(fmt::format("status {} without a detail", to_string(made.status)));
  return made;
}

/// Whether a peer learns the axis: it has one wait, inherits its place, and need not know which twin it is.
/// What has the value of a cell that is left as it is, is left out, so that a peer can be older than the
/// axis.
bool is_told(const harness::axis& axis, const harness::cell& cell) {
  static constexpr std::array<std::string_view, 3> ours{"wait", "pinning", "control"};
  if (std::ranges::find(ours, axis.key) != ours.end()) return false;
  const auto value = axis.get(cell);
  if (std::holds_alternative<std::monostate>(value)) return false;
  return axis.always_named || value != axis.get(harness::cell{});
}

/// Of an axis that applies.
json json_of(const harness::axis_value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* share = std::get_if<double>(&value)) return *share;
  return std::get<std::string_view>(value);
}

}  // namespace

std::string hello_request(std::uint64_t id) {
  return line_of({{"id", id}, {"request", "hello"}, {"protocol", peer_protocol}});
}

std::string open_request(std::uint64_t id, const harness::cell& cell,
                         const harness::session_options& options) {
  json request{{"id", id}, {"request", "open"}, {"scenario", to_string(cell.scenario)}};
  for (const auto& axis : harness::axes())
    if (is_told(axis, cell)) request[std::string(axis.key)] = json_of(axis.get(cell));
  const std::chrono::duration<double, std::milli> length = options.sample_length;
  request["sample_ms"] = length.count();
  request["seed"] = options.seed;
  return line_of(request);
}

std::string sample_request(std::uint64_t id) { return line_of({{"id", id}, {"request", "sample"}}); }

peer_identity read_hello(std::string_view line, std::uint64_t id) {
  const json fields = fields_of(line, id);
  if (!fields.contains("protocol")) throw std::invalid_argument("there is no field 'protocol'");
  if (fields["protocol"] != json(peer_protocol))
    throw std::invalid_argument(fmt::format("it speaks protocol {} instead of {}",
                                            quotation(fields["protocol"].dump()), peer_protocol));
  allow_only(fields, {"protocol", "name", "version"});
  return {text_field(fields, "name"), text_field(fields, "version")};
}

sample read_opened(std::string_view line, std::uint64_t id) {
  const json fields = fields_of(line, id);
  allow_only(fields, {"status", "detail"});
  sample opened = sample_of(fields);
  if (opened.status == sample_status::unsustained)
    throw std::invalid_argument("status unsustained belongs to a sample");
  return opened;
}

sample read_sample(std::string_view line, std::uint64_t id) { return sample_of(fields_of(line, id)); }

}  // namespace handoff::bench
