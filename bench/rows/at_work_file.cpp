#include "bench/rows/at_work_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "bench/frame/errors.hpp"

namespace handoff::bench {

at_work_file::at_work_file(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0)
    throw run_error(
        fmt::format("--at-work: cannot open {}: {}", path.string(), std::generic_category().message(errno)));
}

at_work_file::~at_work_file() { ::close(descriptor_); }

void at_work_file::write(const std::string& name) const noexcept {
  const std::string line = name + '\n';
  [[maybe_unused]] const auto written = ::pwrite(descriptor_, line.data(), line.size(), 0);
}

}  // namespace handoff::bench
