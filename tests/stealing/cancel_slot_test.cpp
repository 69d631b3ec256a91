#include "queues/stealing/detail/cancel_slot.hpp"

#include <gtest/gtest.h>

#include "tests/stealing/cancelling.hpp"
#include "tests/stealing/scripted_steps.hpp"
#include "tests/support/guarded.hpp"

namespace handoff::stealing_tests {
namespace {

using slot = stealing::detail::basic_cancel_slot<scripted_steps>;

class CancelSlot : public testing_support::guarded {};

TEST_F(CancelSlot, tells_every_request_once) {
  EXPECT_EQ(a_request_before_an_operation_is_told_once<slot>(), "");
  EXPECT_EQ(a_request_that_wakes_is_used_up<slot>(), "");
  EXPECT_EQ(a_request_that_comes_too_late_is_kept<slot>(), "");
  EXPECT_EQ(two_requests_at_once_cancel_an_operation_once<slot>(), "");
}

TEST_F(CancelSlot, loses_no_request_where_an_operation_begins) {
  EXPECT_EQ(a_request_beside_a_beginning_is_not_lost<slot>(), "");
  EXPECT_EQ(a_beginning_beside_a_request_loses_none<slot>(), "");
}

TEST_F(CancelSlot, touches_no_operation_that_is_over) {
  EXPECT_EQ(what_is_over_is_not_touched<slot>(), "");
  EXPECT_EQ(every_touch_is_ordered<stealing::detail::cancel_slot>(), 3U);
}

}  // namespace
}  // namespace handoff::stealing_tests
