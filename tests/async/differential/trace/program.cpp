#include "tests/async/differential/trace/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace handoff::trace {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> kind_names{"fifo",  "lifo",      "priority",  "lock",
                                                     "event", "condition", "semaphore", "bounded_semaphore"};

/// What an operation's arguments are.
enum class argument : unsigned char {
  queue,
  lock_or_semaphore,
  event,
  condition,
  value,
  count,
  microseconds,
  task,          // any, or a routine
  earlier_task,  // listed before
  earlier_tasks,
  routine,  // listed before, and named nowhere else
  routines,
};

struct signature {
  std::string_view name;
  verb what;
  std::vector<argument> arguments;
};

const std::vector<signature>& signatures() {
  using enum argument;
  static const std::vector<signature> all{
      {"sleep", verb::sleep, {microseconds}},
      {"put", verb::put, {queue, value}},
      {"get", verb::get, {queue}},
      {"put_nowait", verb::put_nowait, {queue, value}},
      {"get_nowait", verb::get_nowait, {queue}},
      {"put_timeout", verb::put_timeout, {queue, value, microseconds}},
      {"get_timeout", verb::get_timeout, {queue, microseconds}},
      {"task_done", verb::task_done, {queue}},
      {"join", verb::join, {queue}},
      {"size", verb::size, {queue}},
      {"acquire", verb::acquire, {lock_or_semaphore}},
      {"release", verb::release, {lock_or_semaphore}},
      {"set", verb::set, {event}},
      {"clear", verb::clear, {event}},
      {"wait", verb::wait, {event}},
      {"cond_wait", verb::cond_wait, {condition}},
      {"cond_notify", verb::cond_notify, {condition, count}},
      {"cancel", verb::cancel, {task}},
      {"await", verb::await, {earlier_task}},
      {"gather", verb::gather, {earlier_tasks}},
      {"uncancel", verb::uncancel, {task}},
      {"fail", verb::fail, {}},
      {"within", verb::within, {microseconds, routine}},
      {"group", verb::group, {routines, routine}},
  };
  return all;
}

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw program_error(fmt::format("{}: {}", where, what));
}

/// A value as a sentence may show it: on one line, and not longer than one.
std::string shown(const json& value) {
  constexpr std::size_t longest = 80;
  std::string text = value.dump();
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return text.substr(0, end) + " …";
}

/// The same for a name, in single quotes.
std::string in_quotes(const std::string& name) {
  const std::string text = shown(name);
  const bool whole = text.ends_with('"');
  return fmt::format("'{}'", std::string_view(text).substr(1, text.size() - (whole ? 2 : 1)));
}

/// Refuses all but a JSON object with these members; it may have others.
void check_members(const json& value, const std::string& where,
                   std::initializer_list<std::string_view> keys) {
  if (!value.is_object()) refuse(where, fmt::format("{} is not a JSON object", shown(value)));
  for (const std::string_view key : keys)
    if (!value.contains(key)) refuse(where, fmt::format("'{}' is missing", key));
}

std::string name_in(const json& value, const std::string& where) {
  const json& name = value.at("name");
  if (!name.is_string() || name.get_ref<const std::string&>().empty())
    refuse(where, fmt::format("the name {} must be a text that is not empty", shown(name)));
  return name.get<std::string>();
}

std::int64_t integer_in(const json& value, const std::string& where, std::string_view what) {
  const bool fits =
      value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT64_MAX : value.is_number_integer();
  if (!fits) refuse(where, fmt::format("{} {} is not a whole number of 64 bits", what, shown(value)));
  return value.get<std::int64_t>();
}

std::int64_t natural_in(const json& value, const std::string& where, std::string_view what) {
  const std::int64_t number = integer_in(value, where, what);
  if (number < 0) refuse(where, fmt::format("{} {} is negative", what, number));
  return number;
}

bool fits(object_kind kind, argument wanted) {
  switch (wanted) {
    case argument::queue: return is_queue(kind);
    case argument::lock_or_semaphore:
      return kind == object_kind::lock || kind == object_kind::semaphore ||
             kind == object_kind::bounded_semaphore;
    case argument::event: return kind == object_kind::event;
    case argument::condition: return kind == object_kind::condition;
    default: return false;
  }
}

std::string_view words_for(argument wanted) {
  switch (wanted) {
    case argument::queue: return "a queue";
    case argument::lock_or_semaphore: return "a lock or a semaphore";
    case argument::event: return "an event";
    default: return "a condition";
  }
}

/// Microseconds that a clock of 64 bits of nanoseconds can count.
constexpr std::int64_t end_of_time = INT64_MAX / 1000;

class reader {
 public:
  program read(std::string_view text) {
    const json document = parse(text);
    check_members(document, "the program", {"objects", "tasks"});
    read_objects(document.at("objects"));
    const json routines = document.value("routines", json::array());
    read_names(document.at("tasks"), "task");
    program_.begun_at_once = program_.tasks.size();
    read_names(routines, "routine");
    read_operations(routines, program_.begun_at_once);
    read_operations(document.at("tasks"), 0);
    const bool condition = std::any_of(program_.objects.begin(), program_.objects.end(),
                                       [](const object& o) { return o.kind == object_kind::condition; });
    if (condition && !first_cancel_.empty())
      refuse(first_cancel_,
             "a program with a condition must have no cancel, within or group (CPython's behaviour differs "
             "there)");
    return std::move(program_);
  }

 private:
  static json parse(std::string_view text) {
    static constexpr int deepest = 100;  // a program has six levels
    const auto look = [](int depth, json::parse_event_t, json&) {
      if (depth > deepest) refuse("the JSON", fmt::format("is nested deeper than {} levels", deepest));
      return true;
    };
    try {
      return json::parse(text, look);
    } catch (const json::exception& error) {
      std::string what = error.what();  // it may quote bytes that are no text
      for (char& c : what)
        if (c < ' ' || c > '~') c = '?';
      refuse("not JSON", what.substr(what.find("] ") + 2));
    }
  }

  static const json& array_in(const json& value, const std::string& where) {
    if (!value.is_array()) refuse(where, "is not a JSON array");
    return value;
  }

  void read_objects(const json& list) {
    for (const json& value : array_in(list, "objects")) {
      const std::string place = fmt::format("object {}", program_.objects.size() + 1);
      check_members(value, place, {"name"});
      object read;
      read.name = name_in(value, place);
      const std::string where = "object " + in_quotes(read.name);
      check_members(value, where, {"kind"});
      const auto kind = value.at("kind").is_string()
                            ? std::find(kind_names.begin(), kind_names.end(),
                                        value.at("kind").get_ref<const std::string&>())
                            : kind_names.end();
      if (kind == kind_names.end())
        refuse(where, fmt::format("unknown kind {}; expected one of {}", shown(value.at("kind")),
                                  fmt::join(kind_names, ", ")));
      read.kind = static_cast<object_kind>(kind - kind_names.begin());
      if (is_queue(read.kind)) {
        check_members(value, where, {"maxsize"});
        read.number = integer_in(value.at("maxsize"), where, "the maxsize");
      } else if (read.kind == object_kind::semaphore || read.kind == object_kind::bounded_semaphore) {
        check_members(value, where, {"value"});
        read.number = natural_in(value.at("value"), where, "the value");
      }
      if (!objects_.emplace(read.name, program_.objects.size()).second)
        refuse(where, "there is another object of that name");
      program_.objects.push_back(std::move(read));
    }
  }

  /// `what`: task or routine.
  void read_names(const json& list, std::string_view what) {
    std::size_t count = 0;
    for (const json& value : array_in(list, fmt::format("{}s", what))) {
      const std::string place = fmt::format("{} {}", what, ++count);
      check_members(value, place, {"name"});
      task_plan plan{.name = name_in(value, place), .operations = {}};
      const std::string where = fmt::format("{} {}", what, in_quotes(plan.name));
      check_members(value, where, {"ops"});
      if (!tasks_.emplace(plan.name, program_.tasks.size()).second)
        refuse(where, "there is another task or routine of that name");
      program_.tasks.push_back(std::move(plan));
    }
  }

  /// Of the tasks, or routines, from the index `first` on.
  void read_operations(const json& list, std::size_t first) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string where = what_is(first + i);
      for (const json& value : array_in(list[i].at("ops"), where + ": ops"))
        program_.tasks[first + i].operations.push_back(read_operation(value, first + i));
    }
  }

  bool is_task(std::size_t index) const { return index < program_.begun_at_once; }

  std::string what_is(std::size_t index) const {
    return fmt::format("{} {}", is_task(index) ? "task" : "routine", in_quotes(program_.tasks[index].name));
  }

  operation read_operation(const json& value, std::size_t task) {
    const task_plan& plan = program_.tasks[task];
    std::string where = fmt::format("{}, operation {}", what_is(task), plan.operations.size() + 1);
    if (!value.is_array() || value.empty() || !value.front().is_string())
      refuse(where, fmt::format("{} is not an operation: [\"name\", arguments …]", shown(value)));
    const std::string& name = value.front().get_ref<const std::string&>();
    const auto known = std::find_if(signatures().begin(), signatures().end(),
                                    [&](const signature& s) { return s.name == name; });
    if (known == signatures().end()) refuse(where, "unknown operation " + in_quotes(name));
    where += fmt::format(" ({})", name);
    if (value.size() != known->arguments.size() + 1)
      refuse(where, fmt::format("takes {} arguments, not {}", known->arguments.size(), value.size() - 1));
    operation read;
    read.what = known->what;
    read.text = name;
    for (std::size_t i = 0; i < known->arguments.size(); ++i) {
      read.text += ' ';
      read_argument(read, known->arguments[i], value[i + 1], task, where);
    }
    const bool cancels = read.what == verb::cancel || read.what == verb::within || read.what == verb::group;
    if (cancels && first_cancel_.empty()) first_cancel_ = where;
    return read;
  }

  void read_argument(operation& into, argument wanted, const json& value, std::size_t task,
                     const std::string& where) {
    switch (wanted) {
      case argument::value:
        into.value = integer_in(value, where, "the value");
        into.text += std::to_string(into.value);
        return;
      case argument::count:
        into.value = natural_in(value, where, "the number");
        into.text += std::to_string(into.value);
        return;
      case argument::microseconds:
        into.microseconds = natural_in(value, where, "the time");
        into.text += std::to_string(into.microseconds);
        check_time(into, where);
        return;
      case argument::task:
      case argument::earlier_task: into.tasks.push_back(read_task(into, wanted, value, task, where)); return;
      case argument::routine: into.routine = read_task(into, wanted, value, task, where); return;
      case argument::earlier_tasks:
      case argument::routines:
        if (!value.is_array()) refuse(where, fmt::format("{} is not a list of names", shown(value)));
        for (const json& one : value) {
          if (!into.tasks.empty()) into.text += '+';
          into.tasks.push_back(read_task(into, wanted, one, task, where));
        }
        return;
      default: read_object(into, wanted, value, where);
    }
  }

  void read_object(operation& into, argument wanted, const json& value, const std::string& where) {
    const auto found =
        value.is_string() ? objects_.find(value.get_ref<const std::string&>()) : objects_.end();
    if (found == objects_.end()) refuse(where, fmt::format("there is no object {}", shown(value)));
    const object& one = program_.objects[found->second];
    if (!fits(one.kind, wanted))
      refuse(where, fmt::format("{} is of kind {}, not {}", in_quotes(one.name),
                                kind_names[static_cast<std::size_t>(one.kind)], words_for(wanted)));
    into.object = found->second;
    into.text += one.name;
  }

  std::size_t read_task(operation& into, argument wanted, const json& value, std::size_t task,
                        const std::string& where) {
    const auto found = value.is_string() ? tasks_.find(value.get_ref<const std::string&>()) : tasks_.end();
    const bool is_routine = wanted == argument::routine || wanted == argument::routines;
    if (found == tasks_.end() || (wanted != argument::task && is_routine == is_task(found->second)))
      refuse(where, fmt::format("there is no {} {}", is_routine ? "routine" : "task", shown(value)));
    const std::string name = in_quotes(found->first);
    if (wanted == argument::earlier_task || wanted == argument::earlier_tasks) {
      if (!is_task(task)) refuse(where, "a routine cannot wait for a task");
      if (found->second >= task)
        refuse(where, fmt::format("{} is not listed before: a task may wait only for earlier ones", name));
    }
    if (is_routine) {
      if (!is_task(task) && found->second >= task)
        refuse(where, fmt::format("{} is not listed before: a routine may run only earlier ones", name));
      if (!named_.insert(found->second).second)
        refuse(where, fmt::format("{} runs in another place already", name));
    }
    into.text += found->first;
    return found->second;
  }

  /// Two equal times could fall due together, in an order that nobody promises; and no moment may lie beyond
  /// the end of the clock.
  void check_time(const operation& timed, const std::string& where) {
    if (timed.microseconds > end_of_time - all_times_)
      refuse(where, fmt::format("the times of the program add up to more than {} µs", end_of_time));
    all_times_ += timed.microseconds;
    if (timed.microseconds == 0) return;
    const auto [other, fresh] = times_.emplace(timed.microseconds, where);
    if (!fresh)
      refuse(where, fmt::format("{} µs are used in {} already: sleeps and timeouts must all be different",
                                timed.microseconds, other->second));
  }

  program program_;
  std::map<std::string, std::size_t, std::less<>> objects_;
  std::map<std::string, std::size_t, std::less<>> tasks_;
  std::map<std::int64_t, std::string> times_;
  std::int64_t all_times_ = 0;
  std::string first_cancel_;     // where it is
  std::set<std::size_t> named_;  // the routines that run somewhere
};

}  // namespace

bool is_queue(object_kind kind) noexcept {
  return kind == object_kind::fifo || kind == object_kind::lifo || kind == object_kind::priority;
}

program parse_program(std::string_view json) { return reader().read(json); }

}  // namespace handoff::trace
