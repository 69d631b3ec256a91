#include "harness/trees/rules.hpp"

#include <numbers>

namespace handoff::harness {

uts_rule uts_rule::geometric(shape form, std::uint32_t depth, double branching, std::uint32_t seed) {
  constexpr std::uint32_t cycles = 5;
  uts_rule made;
  made.seed_ = seed;
  const std::uint32_t levels = form == shape::cyclic ? cycles * depth + 1 : depth;
  for (std::uint32_t level = 0; level < levels; ++level) {
    const double part = static_cast<double>(level) / depth;
    double expected = branching;
    if (level > 0 && form == shape::linear) expected = branching * (1 - part);
    if (level > 0 && form == shape::cyclic)
      expected = std::pow(branching, std::sin(2 * std::numbers::pi * part));
    made.log_failure_.push_back(std::log(1 - 1 / (1 + expected)));
  }
  return made;
}

uts_rule uts_rule::binomial(std::uint32_t branching, std::uint32_t children, double probability,
                            std::uint32_t seed) {
  uts_rule made;
  made.seed_ = seed;
  made.root_children_ = branching;
  made.children_ = children;
  made.probability_ = probability;
  return made;
}

}  // namespace handoff::harness
