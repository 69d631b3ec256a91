#include "harness/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace handoff::harness {

void histogram::merge(const histogram& other) noexcept {
  for (std::size_t i = 0; i < bucket_count; ++i) (*buckets_)[i] += (*other.buckets_)[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double histogram::middle_of(std::size_t index) noexcept {
  if (index < 2 * sub_buckets) return static_cast<double>(index);
  const auto shift = static_cast<int>(index / sub_buckets - 1);
  const double lowest = std::ldexp(static_cast<double>(sub_buckets + index % sub_buckets), shift);
  return lowest + (std::ldexp(1.0, shift) - 1) / 2;
}

std::optional<double> histogram::percentile(double quantile) const {
  constexpr std::uint64_t needed_beyond = 10;
  const auto rank = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
  if (rank == 0 || rank > count_ || count_ - rank < needed_beyond) return std::nullopt;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += (*buckets_)[i];
    if (seen >= rank) return middle_of(i);
  }
  return std::nullopt;
}

latency_summary histogram::summary() const {
  latency_summary result;
  result.count = count_;
  result.p50 = percentile(0.5);
  result.p90 = percentile(0.9);
  result.p99 = percentile(0.99);
  result.p999 = percentile(0.999);
  if (count_ > 0) result.max = static_cast<double>(max_);
  return result;
}

}  // namespace handoff::harness
