// Every group of cases; each is a file in a room of cases/: what becomes of items, how operations wait, how a
// queue ends, and many threads at once.
#pragma once

#include <span>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

std::span<const test_case> declaration_cases();
std::span<const test_case> single_thread_cases();
std::span<const test_case> throwing_move_cases();
std::span<const test_case> traffic_cases();
std::span<const test_case> content_cases();
std::span<const test_case> half_way_cases();
std::span<const test_case> account_cases();
std::span<const test_case> crowd_cases();
std::span<const test_case> position_cases();
std::span<const test_case> visibility_cases();
std::span<const test_case> promptness_cases();
std::span<const test_case> robbed_cases();
std::span<const test_case> history_cases();
std::span<const test_case> bound_cases();
std::span<const test_case> capacity_cases();
std::span<const test_case> close_cases();
std::span<const test_case> close_race_cases();
std::span<const test_case> join_cases();
std::span<const test_case> join_race_cases();
std::span<const test_case> cancel_cases();
std::span<const test_case> deadline_cases();
std::span<const test_case> leave_race_cases();
std::span<const test_case> precedence_cases();
std::span<const test_case> handle_cases();
std::span<const test_case> wake_up_cases();
std::span<const test_case> stalled_cases();
std::span<const test_case> stalled_close_cases();
std::span<const test_case> spawning_cases();

}  // namespace handoff::conformance
