// The coroutines that a worker can continue, from the oldest to the newest: each has forked a child, and the
// child of the newest one runs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace handoff::stealing::detail {

struct record;

/// Of one thread. No atomic operation: it is the worker itself that gives the oldest away.
class continuation_stack {
 public:
  continuation_stack() noexcept = default;
  continuation_stack(const continuation_stack&) = delete;
  continuation_stack& operator=(const continuation_stack&) = delete;

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// Null if there is none.
  [[nodiscard]] record* newest() const noexcept { return end_[-1]; }

  /// Throws std::bad_alloc, without effect.
  void push(record& coroutine) {
    if (end_ == limit_) [[unlikely]]
      make_room();
    *end_++ = &coroutine;
  }

  /// Takes the newest out if it is this one. If not, this one has been given away.
  [[nodiscard]] bool pop(const record& coroutine) noexcept {
    if (end_[-1] != &coroutine) [[unlikely]]  // what has been given away is null, and so is the first slot
      return false;
    --end_;
    return true;
  }

  /// There is one.
  record& take_oldest() noexcept {
    record& oldest = **begin_;
    *begin_++ = nullptr;
    if (begin_ == end_) begin_ = end_ = slots_ + 1;
    return oldest;
  }

 private:
  static constexpr std::size_t few = 16;

  [[gnu::noinline, gnu::cold]] void make_room() {
    const auto inside = static_cast<std::size_t>(end_ - begin_);
    if (2 * inside < static_cast<std::size_t>(limit_ - slots_)) {  // so many were given away
      std::copy(begin_, end_, slots_ + 1);
    } else {
      const std::size_t size = 2 * static_cast<std::size_t>(limit_ - slots_);
      auto grown = std::make_unique<record*[]>(size);
      std::copy(begin_, end_, grown.get() + 1);
      more_ = std::move(grown);
      slots_ = more_.get();
      limit_ = slots_ + size;
    }
    begin_ = slots_ + 1;
    end_ = begin_ + inside;
  }

  record* first_[few] = {};  // a fork that is not nested deeply allocates nothing
  std::unique_ptr<record*[]> more_;
  record** slots_ = first_;
  record** limit_ = first_ + few;
  record** begin_ = first_ + 1;
  record** end_ = first_ + 1;
};

}  // namespace handoff::stealing::detail
