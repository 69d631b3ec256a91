// A trace program: a small concurrent program in JSON, read and checked. docs/trace-programs.md has the
// words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/frame/errors.hpp"

namespace handoff::trace {

/// One sentence: what in the program is wrong, and where.
struct program_error : bench::usage_error {
  using usage_error::usage_error;
};

enum class object_kind : unsigned char {
  fifo,
  lifo,
  priority,
  lock,
  event,
  condition,
  semaphore,
  bounded_semaphore,
};

struct object {
  std::string name;
  object_kind kind{};
  std::int64_t number = 0;  ///< maxsize of a queue, value of a semaphore
};

enum class verb : unsigned char {
  sleep,
  put,
  get,
  put_nowait,
  get_nowait,
  put_timeout,
  get_timeout,
  task_done,
  join,
  size,
  acquire,
  release,
  set,
  clear,
  wait,
  cond_wait,
  cond_notify,
  cancel,
  await,
  gather,
  uncancel,
  fail,
  within,
  group,
};

struct operation {
  verb what{};
  std::string text;                ///< as the trace shows it
  std::size_t object = 0;          ///< index of the object it is about
  std::int64_t value = 0;          ///< what is put, or how many are notified
  std::int64_t microseconds = 0;   ///< of a sleep or a timeout
  std::vector<std::size_t> tasks;  ///< indices of the tasks it is about; those of routines follow the tasks'
  std::size_t routine = 0;         ///< index of the routine that it runs itself
};

struct task_plan {
  std::string name;
  std::vector<operation> operations;
};

struct program {
  std::vector<object> objects;
  std::vector<task_plan> tasks;   ///< and the routines behind them
  std::size_t begun_at_once = 0;  ///< how many of them are tasks
};

bool is_queue(object_kind kind) noexcept;

/// Reads a program and checks its rules. Throws program_error.
program parse_program(std::string_view json);

}  // namespace handoff::trace
