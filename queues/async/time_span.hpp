// A span of time as the operations of the runtime take it: of any unit, in nanoseconds from here on. One
// that nanoseconds cannot count is the longest there is, which never passes: `sleep(hours::max())` sleeps
// forever. (std::chrono's own conversion would overflow, and the span be over at once.)
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <utility>

namespace handoff::async {

/// A span of time, or a moment on the clock of a loop, which defines its zero.
using nanoseconds = std::chrono::nanoseconds;

/// The moment, and the span, that never comes.
inline constexpr nanoseconds never = nanoseconds::max();

class time_span {
 public:
  template <std::integral Rep, class Period>
    requires std::convertible_to<std::chrono::duration<Rep, Period>, nanoseconds>
  constexpr time_span(std::chrono::duration<Rep, Period> span) noexcept : length_(length_of(span)) {}

  constexpr operator nanoseconds() const noexcept { return length_; }

 private:
  template <class Rep, class Period>
  static constexpr nanoseconds length_of(std::chrono::duration<Rep, Period> span) noexcept {
    using unit = std::chrono::duration<std::int64_t, Period>;
    constexpr auto most = std::chrono::duration_cast<unit>(nanoseconds::max()).count();
    constexpr auto least = std::chrono::duration_cast<unit>(nanoseconds::min()).count();
    if (std::cmp_greater(span.count(), most)) return nanoseconds::max();
    if (std::cmp_less(span.count(), least)) return nanoseconds::min();
    return unit(static_cast<std::int64_t>(span.count()));
  }

  nanoseconds length_;
};

/// `span` after `moment`; `never` if the clock cannot count that far.
constexpr nanoseconds later(nanoseconds moment, nanoseconds span) noexcept {
  return span < never - moment ? moment + span : never;
}

/// The time from `now`, which is 0 or later, to `moment`; nothing if that has passed.
constexpr nanoseconds left_until(nanoseconds moment, nanoseconds now) noexcept {
  return moment > now ? moment - now : nanoseconds::zero();
}

}  // namespace handoff::async
