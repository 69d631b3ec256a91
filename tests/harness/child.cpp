#include "tests/harness/child.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <exception>
#include <stdexcept>

#include "harness/abandon.hpp"
#include "harness/scenario.hpp"

namespace handoff::harness_tests {

namespace {

constexpr auto child_limit = std::chrono::seconds{90};
constexpr char end_of_field = '\x1f';
constexpr char end_of_line = '\n';

bool holds_a_figure(const harness::sample& s) {
  const auto of_a_scenario = [&](const harness::scenario_facts& facts) {
    return std::ranges::any_of(facts.figures, [&](harness::figure_check check) { return check(s); });
  };
  return s.items || s.seconds || s.push_failed || s.pop_failed ||
         std::ranges::any_of(harness::scenario_rows, of_a_scenario);
}

void write_all(int pipe, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t written = ::write(pipe, text.data() + sent, text.size() - sent);
    if (written <= 0) ::_exit(4);  // the parent is gone
    sent += static_cast<std::size_t>(written);
  }
}

[[noreturn]] void run_body(const std::function<void(const reporter&)>& body, int pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a child that hangs on purpose must not outlive the tests
  const reporter to_parent(pipe);
  harness::on_abandon([&](const harness::sample& s) { to_parent.gave_up(s); });
  try {
    body(to_parent);
  } catch (const std::exception& e) {
    to_parent.let_out(e.what());
    ::_exit(3);
  }
  ::_exit(0);
}

/// Everything that the child reports; nothing if it does not end in time.
std::optional<std::string> listen(int pipe) {
  const auto deadline = std::chrono::steady_clock::now() + child_limit;
  std::string heard;
  for (std::array<char, 4096> part{};;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{pipe, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
    const ssize_t length = ::read(pipe, part.data(), part.size());
    if (length <= 0) return heard;
    heard.append(part.data(), static_cast<std::size_t>(length));
  }
}

void read_lines(const std::string& heard, ending& result) {
  for (std::size_t at = 0; at < heard.size();) {
    const std::size_t line_end = heard.find(end_of_line, at);
    const std::string line = heard.substr(at, line_end - at);
    at = line_end == std::string::npos ? heard.size() : line_end + 1;
    const std::size_t first = line.find(end_of_field), second = line.find(end_of_field, first + 1);
    if (first == std::string::npos || second == std::string::npos)
      throw std::runtime_error("a child's report is cut off: " + line);
    const report_line read{line.substr(2, first - 2), line.substr(second + 1),
                           line.substr(first + 1, second - first - 1) == "1"};
    if (line[0] == 's') result.samples.push_back(read);
    if (line[0] == 'g') result.given_up = read;
    if (line[0] == 'e') result.exception = read.detail;
  }
}

}  // namespace

void reporter::send(char kind, const harness::sample& s) const {
  write_all(pipe_, std::string{kind, ' '} + std::string(to_string(s.status)) + end_of_field +
                       (holds_a_figure(s) ? "1" : "0") + end_of_field + s.detail + end_of_line);
}

void reporter::let_out(const std::string& what) const {
  write_all(pipe_, std::string{"e exception"} + end_of_field + "0" + end_of_field + what + end_of_line);
}

ending run_in_child(const std::function<void(const reporter&)>& body) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe to the child");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child");
  if (child == 0) {
    ::close(ends[0]);
    run_body(body, ends[1]);
  }
  ::close(ends[1]);
  ending result;
  const auto heard = listen(ends[0]);
  ::close(ends[0]);
  if (!heard) {
    result.overdue = true;
    ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (heard) read_lines(*heard, result);
  return result;
}

std::string ending::status() const {
  if (overdue) return "overdue";
  if (signal != 0) return "crashed";
  if (given_up) return given_up->status;
  if (exception) return "exception";
  return samples.empty() ? "silent" : samples.back().status;
}

std::string ending::detail() const {
  if (given_up) return given_up->detail;
  if (exception) return *exception;
  return samples.empty() ? "" : samples.back().detail;
}

bool ending::any_number() const {
  for (const report_line& s : samples)
    if (s.status == "ok" || s.status == "unsustained" || s.holds_a_figure) return true;
  return given_up && given_up->holds_a_figure;
}

std::ostream& operator<<(std::ostream& out, const ending& e) {
  out << e.status() << " (" << e.detail() << "), ";
  if (e.exit_status)
    out << "exit status " << *e.exit_status;
  else
    out << "signal " << e.signal;
  for (const report_line& s : e.samples) out << "\n  sample " << s.status << ": " << s.detail;
  return out;
}

}  // namespace handoff::harness_tests
