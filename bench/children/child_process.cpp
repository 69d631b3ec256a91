#include "bench/children/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "bench/text/csv.hpp"

namespace handoff::bench {

namespace {

using clock = child_process::clock;

constexpr std::size_t most_output = std::size_t{1} << 20;
constexpr std::size_t most_last_words = 4096;

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

/// The child's side of the pipes.
struct child_streams {
  int in, out, err;
};

/// Of the forked process: async-signal-safe calls only. False, with errno set: it should end.
bool settle_in(pid_t parent, child_streams streams) {
  ::setpgid(0, 0);
  forget_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return ::getppid() == parent && ::dup2(streams.in, 0) >= 0 && ::dup2(streams.out, 1) >= 0 &&
         ::dup2(streams.err, 2) >= 0;
}

/// Ends the child after a failed start.
[[noreturn]] void give_up(int report) {
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

/// A write to a child that has ended fails with EPIPE and nothing else, as long as this lives.
class sigpipe_held_back {
 public:
  sigpipe_held_back() noexcept {
    ::sigemptyset(&only_);
    ::sigaddset(&only_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  sigpipe_held_back(const sigpipe_held_back&) = delete;
  sigpipe_held_back& operator=(const sigpipe_held_back&) = delete;
  ~sigpipe_held_back() {
    constexpr timespec at_once{};
    if (::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&only_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t only_, before_;
};

/// Reads what is there; closes the descriptor at end of file.
void drain(descriptor& stream, std::string& text) {
  std::array<char, 65536> buffer;
  const auto got = ::read(stream.get(), buffer.data(), buffer.size());
  if (got > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  else if (got == 0 || errno != EINTR)
    stream.close();
}

int milliseconds_left(clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

/// As the end of a sentence.
std::string last_line(std::string_view text) {
  const auto end = text.find_last_not_of(" \r\n\t");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const auto begin = text.find_last_of('\n');
  return fmt::format(": {}", text.substr(begin == std::string_view::npos ? 0 : begin + 1));
}

}  // namespace

std::string sentence_about(std::string_view who, child_end end, std::string_view last_words,
                           std::chrono::milliseconds limit) {
  switch (end.reason) {
    case ending::timed_out:
      return fmt::format("{} did not answer within {} s", who,
                         plain_decimal(static_cast<double>(limit.count()) / 1000.0));
    case ending::output_limit_exceeded:
      return fmt::format("{} wrote more than a mebibyte where one line was expected", who);
    case ending::not_started:
      return fmt::format("{} could not be started: {}", who, std::generic_category().message(end.code));
    case ending::signalled:
      return fmt::format("{} was ended by signal {} ({}){}", who, end.code, ::strsignal(end.code),
                         last_line(last_words));
    case ending::exited: break;
  }
  if (end.code == 0) return fmt::format("{} ended instead of answering{}", who, last_line(last_words));
  return fmt::format("{} ended with status {}{}", who, end.code, last_line(last_words));
}

void descriptor::close() noexcept {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

child_process::child_process(const std::vector<std::string>& command,
                             const std::optional<environment>& variables) {
  const std::string program = command.empty() ? std::string() : find_program(command.front());
  if (program.empty()) {
    start_error_ = ENOENT;
    return;
  }
  const std::vector<char*> arguments = pointers(command);
  std::vector<char*> given;
  if (variables) given = pointers(*variables);
  char* const* const all = variables ? given.data() : ::environ;
  start([&](descriptor&) { ::execve(program.c_str(), arguments.data(), all); });
}

child_process::child_process(const std::function<void()>& body) {
  start([&body](descriptor& report) noexcept {
    report.close();
    body();
    ::_exit(0);
  });
}

void child_process::start(const std::function<void(descriptor& report)>& in_child) {
  pipe_ends in = make_pipe(), out = make_pipe(), err = make_pipe(), report = make_pipe();
  if (report.write.get() < 0) {
    start_error_ = errno;
    return;
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    if (settle_in(parent, {in.read.get(), out.write.get(), err.write.get()})) in_child(report.write);
    give_up(report.write.get());
  }
  if (pid_ < 0) {
    start_error_ = errno;
    return;
  }
  ::setpgid(pid_, pid_);  // parent and child both call it, whichever comes first
  report.write.close();
  int error = 0;
  if (::read(report.read.get(), &error, sizeof error) == sizeof error) start_error_ = error;
  ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  in_ = std::move(in.write);
  out_ = std::move(out.read);
  err_ = std::move(err.read);
}

child_process::~child_process() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  if (!end_) ::waitpid(pid_, nullptr, 0);
}

void child_process::write(std::string_view text, clock::time_point deadline) {
  const sigpipe_held_back quiet;
  while (!text.empty()) {
    const auto written = ::write(in_.get(), text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd watched{in_.get(), POLLOUT, 0};
      if (::poll(&watched, 1, milliseconds_left(deadline)) == 0 && clock::now() >= deadline) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

bool child_process::poll_once(clock::time_point deadline) {
  std::array<pollfd, 2> watched{{{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
  if (::poll(watched.data(), watched.size(), milliseconds_left(deadline)) <= 0) return false;
  if (watched[0].revents != 0) drain(out_, output_);
  if (watched[1].revents != 0) drain(err_, errors_);
  if (errors_.size() > most_last_words) errors_.erase(0, errors_.size() - most_last_words);
  return true;
}

std::optional<child_end> child_process::read_until(const std::function<bool(std::string_view)>& enough,
                                                   clock::time_point deadline) {
  while (!enough(output_)) {
    if (output_.size() > most_output) return child_end{.reason = ending::output_limit_exceeded};
    if (!is_open()) return await_end(deadline);
    if (!poll_once(deadline) && clock::now() >= deadline) return child_end{.reason = ending::timed_out};
  }
  return std::nullopt;
}

/// Of a child that has closed its output.
child_end child_process::await_end(clock::time_point deadline) {
  int status = 0;
  while (!end_ && ::waitpid(pid_, &status, WNOHANG) != pid_) {
    if (clock::now() >= deadline) return {.reason = ending::timed_out};
    ::poll(nullptr, 0, 1);
  }
  if (!end_)
    end_ = WIFSIGNALED(status) ? child_end{.reason = ending::signalled, .code = WTERMSIG(status)}
                               : child_end{.reason = ending::exited, .code = WEXITSTATUS(status)};
  return *end_;
}

std::string_view child_process::pending_output() {
  if (is_open()) poll_once(clock::now());
  return output_;
}

std::string child_process::take_output(char end) {
  const auto length = std::min(output_.find(end), output_.size());
  std::string taken = output_.substr(0, length);
  output_.erase(0, std::min(length + 1, output_.size()));
  return taken;
}

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

}  // namespace handoff::bench
