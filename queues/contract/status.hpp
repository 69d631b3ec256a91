// The answer of every queue operation: an operation that fails says why.
#pragma once

#include <string_view>

#include "queues/contract/word_table.hpp"

namespace handoff {

/// The result of an operation.
///
/// Precedence if several hold at the same time: success, else closed, else cancelled, else timed_out.
/// `full` and `empty` are answers of the `try_` forms only. An operation that need not wait looks at
/// neither token nor deadline. A push that answers anything but `success` has left its argument unmoved.
enum class op_status : unsigned char { success, full, empty, closed, cancelled, timed_out };

inline constexpr word_table<op_status, 6> op_status_words({{op_status::success, "success"},
                                                           {op_status::full, "full"},
                                                           {op_status::empty, "empty"},
                                                           {op_status::closed, "closed"},
                                                           {op_status::cancelled, "cancelled"},
                                                           {op_status::timed_out, "timed_out"}});

/// The status in the words of the contract, for logs and test messages.
constexpr std::string_view to_string(op_status status) noexcept { return op_status_words.word_of(status); }

}  // namespace handoff
