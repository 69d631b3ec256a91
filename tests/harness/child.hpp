// Runs a session that may hang, crash or abandon its process in a child, and shows its parent how that ended.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "harness/sample.hpp"

namespace handoff::harness_tests {

/// One line of a child's report.
struct report_line {
  std::string status;  ///< of a sample, or a word chosen by the test
  std::string detail;
  bool holds_a_figure = false;  ///< whether any figure of the sample is set

  bool operator==(const report_line&) const = default;
};

/// How a child ended. A child that runs for more than a minute is killed and `overdue`.
struct ending {
  std::vector<report_line> samples;      ///< in the order in which they were taken
  std::optional<report_line> given_up;   ///< what `abandon` was called with
  std::optional<std::string> exception;  ///< an exception that escaped the body
  std::optional<int> exit_status;        ///< none: killed by `signal`
  int signal = 0;
  bool overdue = false;

  /// The status that a row of this cell gets: that of the last sample, of the one given up, or crashed.
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string detail() const;
  /// Whether a sample says ok, or says something else and still holds a figure.
  [[nodiscard]] bool any_number() const;
};

std::ostream& operator<<(std::ostream& out, const ending& e);

/// Passed to the body of a child, for its reports.
class reporter {
 public:
  explicit reporter(int pipe) noexcept : pipe_(pipe) {}
  void took(const harness::sample& s) const { send('s', s); }
  void gave_up(const harness::sample& s) const { send('g', s); }
  void let_out(const std::string& what) const;

 private:
  void send(char kind, const harness::sample& s) const;
  int pipe_;
};

/// Runs `body` in a child of this process, which must have no other thread. The child reports calls of
/// `abandon`, and any exception that escapes `body`, which ends the child with status 3.
ending run_in_child(const std::function<void(const reporter&)>& body);

}  // namespace handoff::harness_tests
