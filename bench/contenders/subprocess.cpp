#include "bench/contenders/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace handoff::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_output = std::size_t{1} << 20;
constexpr std::size_t last_words = 4096;

/// Owns a file descriptor.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  void close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

struct pipe_ends {
  descriptor read, write;
};

pipe_ends make_pipe() {
  std::array<int, 2> fds{-1, -1};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return {};
  return {descriptor(fds[0]), descriptor(fds[1])};
}

/// The argument vector for exec; `words` must outlive it.
std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const auto& word : words) all.push_back(const_cast<char*>(word.c_str()));  // execve's signature
  all.push_back(nullptr);
  return all;
}

/// The child would inherit what the caller or its parents have blocked or ignored.
void forget_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs between fork and exec: async-signal-safe calls only. Reports errno through `report` and never
/// returns.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment, pid_t parent,
                         int out, int err, int report) {
  ::setpgid(0, 0);
  forget_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  if (::getppid() == parent && null >= 0 && ::dup2(null, 0) >= 0 && ::dup2(out, 1) >= 0 &&
      ::dup2(err, 2) >= 0)
    ::execve(program, arguments, environment);
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

/// A running child. Its group is killed and the child reaped at the end of the scope.
class child {
 public:
  child(const std::string& program, const std::vector<std::string>& command, char* const* environment) {
    pipe_ends out = make_pipe(), err = make_pipe(), report = make_pipe();
    if (report.write.get() < 0) {
      error_ = errno;
      return;
    }
    const std::vector<char*> arguments = pointers(command);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0)
      become(program.c_str(), arguments.data(), environment, parent, out.write.get(), err.write.get(),
             report.write.get());
    if (pid_ < 0) {
      error_ = errno;
      return;
    }
    ::setpgid(pid_, pid_);  // parent and child both call it, whichever comes first
    report.write.close();
    int error = 0;
    if (::read(report.read.get(), &error, sizeof error) == sizeof error) error_ = error;
    out_ = std::move(out.read);
    err_ = std::move(err.read);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (pid_ <= 0) return;
    kill_group();
    if (!reaped_) ::waitpid(pid_, nullptr, 0);
  }

  int error() const noexcept { return error_; }
  descriptor& out() noexcept { return out_; }
  descriptor& err() noexcept { return err_; }
  void kill_group() const noexcept { ::kill(-pid_, SIGKILL); }

  /// Whether it has ended, and with which wait status.
  bool ended(int& status) noexcept {
    if (!reaped_) reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    status = status_;
    return reaped_;
  }

 private:
  pid_t pid_ = -1;
  int error_ = 0;
  int status_ = 0;
  bool reaped_ = false;
  descriptor out_, err_;
};

/// Reads what is there; closes the descriptor at end of file.
void drain(descriptor& from, std::string& into) {
  std::array<char, 65536> buffer;
  const auto got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0)
    into.append(buffer.data(), static_cast<std::size_t>(got));
  else if (got == 0 || errno != EINTR)
    from.close();
}

int milliseconds_left(clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

/// Collects the output until both pipes are closed. False if it exceeded a limit, of time or of length.
bool collect(child& running, clock::time_point deadline, subprocess_result& result) {
  using ending = subprocess_result::ending;
  while (running.out().get() >= 0 || running.err().get() >= 0) {
    std::array<pollfd, 2> watched{{{running.out().get(), POLLIN, 0}, {running.err().get(), POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), milliseconds_left(deadline));
    if (ready == 0 && clock::now() >= deadline) {
      result.how = ending::timed_out;
      return false;
    }
    if (watched[0].revents != 0) drain(running.out(), result.out);
    if (watched[1].revents != 0) drain(running.err(), result.err);
    if (result.err.size() > last_words) result.err.erase(0, result.err.size() - last_words);
    if (result.out.size() > most_output) {
      result.how = ending::talked_too_much;
      return false;
    }
  }
  return true;
}

/// Waits until a child that has closed its output ends.
void await_end(child& running, clock::time_point deadline, subprocess_result& result) {
  using ending = subprocess_result::ending;
  int status = 0;
  while (!running.ended(status)) {
    if (clock::now() >= deadline) {
      result.how = ending::timed_out;
      return;
    }
    ::poll(nullptr, 0, 1);
  }
  if (WIFSIGNALED(status)) {
    result.how = ending::signalled;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty() && !name.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

subprocess_result run_subprocess(const std::vector<std::string>& command, std::chrono::milliseconds limit,
                                 const std::optional<std::vector<std::string>>& environment) {
  subprocess_result result;
  const auto deadline = clock::now() + limit;
  const std::string program = command.empty() ? std::string() : find_program(command.front());
  if (program.empty()) {
    result.how = subprocess_result::ending::not_started;
    result.code = ENOENT;
    return result;
  }
  std::vector<char*> variables;
  if (environment) variables = pointers(*environment);
  child running(program, command, environment ? variables.data() : ::environ);
  if (running.error() != 0) {
    result.how = subprocess_result::ending::not_started;
    result.code = running.error();
    return result;
  }
  if (collect(running, deadline, result)) await_end(running, deadline, result);
  return result;
}

}  // namespace handoff::bench
