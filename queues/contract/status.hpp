// The answer of every queue operation: an operation that fails says why.
#pragma once

#include <string_view>

namespace handoff {

/// What an operation came to.
///
/// Precedence where several hold at once: success, else closed, else cancelled, else timed_out. `full` and
/// `empty` are answers of the `try_` forms only. An operation that need not wait looks at neither token nor
/// deadline. A push that answers anything but `success` has left its argument unmoved.
enum class op_status : unsigned char { success, full, empty, closed, cancelled, timed_out };

/// The status in the words of the contract, for logs and test messages.
constexpr std::string_view to_string(op_status status) noexcept {
  switch (status) {
    case op_status::success: return "success";
    case op_status::full: return "full";
    case op_status::empty: return "empty";
    case op_status::closed: return "closed";
    case op_status::cancelled: return "cancelled";
    case op_status::timed_out: return "timed_out";
  }
  return "invalid op_status";
}

}  // namespace handoff
