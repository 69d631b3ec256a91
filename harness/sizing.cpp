#include "harness/sizing.hpp"

#include <algorithm>
#include <cmath>

namespace handoff::harness {

std::uint64_t find_items(std::chrono::nanoseconds target, std::uint64_t step,
                         const std::function<double(std::uint64_t)>& run, double work_s,
                         std::uint64_t fewest) {
  const double wanted = std::chrono::duration<double>(target).count();
  const auto steps_of = [&](double items) {
    return std::max<std::uint64_t>(
               1, static_cast<std::uint64_t>(std::llround(items / static_cast<double>(step)))) *
           step;
  };
  constexpr double largest = static_cast<double>(most_items), growth = 16, interrupted = 2;
  double expected = work_s;  // seconds per item, from the run before
  for (std::uint64_t items = steps_of(first_items_tried(target, work_s));;) {
    const double tried = static_cast<double>(items);
    double seconds = std::max(run(items), 1e-7);
    // Whatever interrupts a run makes it longer: of two, the shorter one tells what its items take.
    if (seconds >= wanted / 4 && seconds > interrupted * tried * expected && seconds < endless_s)
      seconds = std::min(seconds, std::max(run(items), 1e-7));
    expected = seconds / tried;
    const double proportional = tried * wanted / seconds;
    const double at_least = std::min(static_cast<double>(fewest), proportional * longest_sample);
    // A run of fewer does not show how long so many take: most of it may be the start of the threads.
    const bool counts = tried >= at_least / 2;
    if ((seconds >= wanted / 4 && counts) || tried >= largest)
      return steps_of(std::min(std::max(proportional, at_least), largest));
    const double grown = std::min({tried * growth, std::max(proportional / 2, 1.0), largest});
    items = steps_of(std::max(grown, counts ? 1.0 : std::min(tried * growth, at_least)));
  }
}

}  // namespace handoff::harness
