// An operation in which a coroutine waits, as whoever cancels it sees it.
#pragma once

namespace handoff::stealing::detail {

/// `cancel` answers whether it waited: then it was woken.
struct cancellable {
  bool (*cancel)(cancellable&) noexcept;
};

}  // namespace handoff::stealing::detail
