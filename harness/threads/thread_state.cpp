#include "harness/threads/thread_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace handoff::harness {

pid_t current_thread_id() noexcept { return static_cast<pid_t>(::syscall(SYS_gettid)); }

std::optional<char> thread_state(pid_t thread) {
  const int file = ::open(fmt::format("/proc/self/task/{}/stat", thread).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 256> text{};
  const ssize_t length = ::read(file, text.data(), text.size());
  ::close(file);
  return state_in({text.data(), length > 0 ? static_cast<std::size_t>(length) : 0});
}

bool others_sleep() {
  const pid_t self = current_thread_id();
  std::error_code gone;  // no list: as if there were no other thread
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    const auto thread = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    if (thread != self && thread_state(thread).value_or('S') != 'S') return false;
  }
  return true;
}

std::optional<char> state_in(std::string_view stat) noexcept {
  const std::size_t name_end = stat.rfind(") ");  // the name may itself contain spaces and brackets
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return std::nullopt;
  const char state = stat[name_end + 2];
  const bool ended = state == 'X' || state == 'Z';  // joined, but not yet gone from the list
  return ended ? std::nullopt : std::optional(state);
}

}  // namespace handoff::harness
