#include "bench/rows/samples_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "bench/frame/errors.hpp"
#include "bench/rows/columns.hpp"

namespace handoff::bench {

namespace {

bool is_no_file(const std::filesystem::path& path) {
  struct stat state {};
  return ::stat(path.c_str(), &state) == 0 && !S_ISREG(state.st_mode);
}

off_t size_of(int descriptor) {
  struct stat state {};
  return ::fstat(descriptor, &state) == 0 ? state.st_size : 0;
}

/// Returns 0, or the error that stopped it.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

samples_file::samples_file(std::filesystem::path path) : path_(std::move(path)) {
  is_stream_ = is_no_file(path_);
  // Opened for reading as well, a pipe would never break: a writer without a reader would wait forever.
  const int access = is_stream_ ? O_WRONLY : O_RDWR;
  descriptor_ = ::open(path_.c_str(), access | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(errno);
  try {
    check_existing();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

samples_file::~samples_file() { ::close(descriptor_); }

void samples_file::fail(int error) const {
  throw unwritten_row(
      fmt::format("cannot write samples to {}: {}", path_.string(), std::generic_category().message(error)));
}

void samples_file::check_existing() const {
  const off_t size = size_of(descriptor_);
  if (size == 0) return;
  // An older schema may have the same header; its rows, which begin with their schema, mean something else.
  const std::string header = samples_header();
  const std::string first_row = fmt::format("{},", schema_version);
  const std::string expected = size == static_cast<off_t>(header.size()) ? header : header + first_row;
  std::string found(expected.size(), '\0');
  found.resize(
      static_cast<std::size_t>(std::max<ssize_t>(::pread(descriptor_, found.data(), found.size(), 0), 0)));
  if (found != expected)
    throw run_error(fmt::format("{}:{}: this is not a samples file of schema {}; name a new file",
                                path_.string(), found.starts_with(header) ? 2 : 1, schema_version));
  char last = '\n';
  if (::pread(descriptor_, &last, 1, size - 1) == 1 && last != '\n')
    throw run_error(fmt::format(
        "{}: the last line is not complete; delete it, or resume the run, which repairs it", path_.string()));
}

void samples_file::append(std::string_view row) {
  const off_t before = size_of(descriptor_);
  const bool first = is_stream_ ? !std::exchange(begun_, true) : before == 0;
  const std::string text = first ? samples_header().append(row) : std::string(row);
  if (const int error = write_all(descriptor_, text); error != 0) {
    if (!is_stream_ && ::ftruncate(descriptor_, before) != 0) fail(errno);
    fail(error);
  }
}

}  // namespace handoff::bench
