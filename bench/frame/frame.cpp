#include "bench/frame/frame.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>

#include "bench/frame/errors.hpp"
#include "bench/frame/visible.hpp"

namespace handoff::bench {

namespace {

/// A file that is opened gets the lowest free number. If a standard stream is closed, that file would receive
/// what is written to the stream. The stand-in opened here rejects writes, as the closed stream would.
void open_missing_streams() {
  for (const int stream : {0, 1, 2}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    const int refuses = stream == 0 ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", refuses) != stream) throw run_error("/dev/null cannot be opened");
  }
}

/// A parent that ignores SIGCHLD passes this on; the kernel then forgets how a child ended.
void remember_children() { ::signal(SIGCHLD, SIG_DFL); }

/// `error`: 0 if the library that wrote did not keep it.
[[noreturn]] void fail_output(int error) {
  const auto reason = error != 0 ? ": " + std::generic_category().message(error) : std::string();
  throw run_error("standard output cannot be written" + reason);
}

}  // namespace

void print_out(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output(errno);
}

void flush_out() {
  errno = 0;
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  if (!flushed || std::ferror(stdout) != 0 || !std::cout) fail_output(errno);
}

void tell(std::string_view who, std::string_view sentence) noexcept try {
  const std::string line = fmt::format("{}: {}\n", visible(who), visible(sentence));
  std::fwrite(line.data(), 1, line.size(), stderr);
} catch (const std::exception&) {
  // No memory for the sentence: the exit status must suffice.
}

int run_framed(std::string_view program, const std::function<int()>& body) {
  const auto failed = [program](const std::exception& error, int status) {
    tell(program, error.what());
    return status;
  };
  try {
    open_missing_streams();
    remember_children();
    const int status = body();
    flush_out();
    return status;
  } catch (const usage_error& error) {
    return failed(error, 2);
  } catch (const unwritten_row& error) {
    return failed(error, 3);
  } catch (const std::exception& error) {
    return failed(error, 1);
  }
}

}  // namespace handoff::bench
