// A child process: another program or a function, started with pipes to its standard streams, spoken to, and
// ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace handoff::bench {

/// Why nothing more is to be expected from a child.
enum class ending : unsigned char { exited, signalled, timed_out, output_limit_exceeded, not_started };

struct child_end {
  ending reason = ending::exited;
  int code = 0;  ///< exit status, signal, or errno
};

/// Why `who` has not answered within `limit`, as a sentence with the last line of its standard error.
std::string sentence_about(std::string_view who, child_end end, std::string_view last_words,
                           std::chrono::milliseconds limit);

/// Owns a file descriptor.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { close(); }
  void close() noexcept;
  int get() const noexcept { return number_; }

 private:
  int number_ = -1;
};

/// A running process. It does not outlive the thread that started it. At the end of the scope its whole
/// process group is killed. One thread at a time.
class child_process {
 public:
  using clock = std::chrono::steady_clock;
  using environment = std::vector<std::string>;  ///< NAME=value

  /// Runs `command` (a path, or a name on the PATH, with its arguments) in its own process group, with no
  /// signal blocked or ignored, and with these `variables` (the caller's own if none are given).
  explicit child_process(const std::vector<std::string>& command,
                         const std::optional<environment>& variables = std::nullopt);

  /// Runs `body` in a process forked for it, which then ends with status 0; it is to write to the standard
  /// streams by their descriptors. An exception ends it with SIGABRT. The caller's process must have one
  /// thread.
  explicit child_process(const std::function<void()>& body);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  /// The errno of a failed start, or 0.
  int start_error() const noexcept { return start_error_; }

  /// Writes to its standard input. What it does not read before the deadline, or because it has ended, is
  /// dropped: reading then shows what happened.
  void write(std::string_view text, clock::time_point deadline);
  void close_input() noexcept { in_.close(); }

  /// Collects output until there is enough of it. If there never is, returns why: the child has ended, the
  /// deadline has passed, or it has written more than a mebibyte.
  std::optional<child_end> read_until(const std::function<bool(std::string_view output)>& enough,
                                      clock::time_point deadline);

  /// The output that it has written and that has not been taken; looks without waiting.
  std::string_view pending_output();

  /// Takes all output up to the first `end`, which is dropped.
  std::string take_output(char end);
  std::string take_output() { return std::exchange(output_, {}); }

  /// The last part of what it has written to its standard error.
  const std::string& last_words() const noexcept { return errors_; }

 private:
  /// Forks. `in_child` returns if it fails, with errno set. The parent waits until `report` is closed, which
  /// exec does, too.
  void start(const std::function<void(descriptor& report)>& in_child);
  bool is_open() const noexcept { return out_.get() >= 0 || err_.get() >= 0; }
  /// Reads what there is, and waits for it until the deadline. False if there was nothing.
  bool poll_once(clock::time_point deadline);
  child_end await_end(clock::time_point deadline);

  pid_t pid_ = -1;
  int start_error_ = 0;
  std::optional<child_end> end_;  ///< of a child that has been waited for
  descriptor in_, out_, err_;
  std::string output_, errors_;
};

/// Where the program is, or an empty string: a name with a slash is a path; any other is looked up on the
/// PATH.
std::string find_program(const std::string& name);

}  // namespace handoff::bench
