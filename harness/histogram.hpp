// Log-linear histogram of latencies, in the manner of Gil Tene's HdrHistogram: each power of two is cut into
// 128 equal buckets, so a value is known to better than 1 % over the whole range of 64 bits, and recording is
// a shift and an increment.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "harness/sample.hpp"

namespace handoff::harness {

/// One writer at a time; readers and `merge` only while nothing is recorded.
class histogram {
 public:
  /// Records a latency in nanoseconds. Negative values count as 0.
  void record(std::int64_t nanoseconds) noexcept {
    const auto value = static_cast<std::uint64_t>(nanoseconds > 0 ? nanoseconds : 0);
    ++(*buckets_)[index_of(value)];
    if (value > max_) max_ = value;
    ++count_;
  }

  void merge(const histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// The value below which the share `quantile` (0 < quantile < 1) of the recorded values lies, as the middle
  /// of its bucket: at most 0.4 % off. Empty if fewer than 10 values lie beyond it.
  [[nodiscard]] std::optional<double> percentile(double quantile) const;

  /// p50, p90, p99, p99.9 and the exact maximum.
  [[nodiscard]] latency_summary summary() const;

 private:
  static constexpr unsigned sub_bits = 7;
  static constexpr std::uint64_t sub_buckets = std::uint64_t{1} << sub_bits;
  static constexpr std::size_t bucket_count = (64 - sub_bits + 1) * sub_buckets;

  /// Values below 2 * sub_buckets have a bucket each; above, the leading sub_bits + 1 bits choose it.
  static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value < sub_buckets) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - sub_bits;
    return (shift + 1) * sub_buckets + ((value >> shift) - sub_buckets);
  }
  static double middle_of(std::size_t index) noexcept;

  std::unique_ptr<std::array<std::uint64_t, bucket_count>> buckets_ =
      std::make_unique<std::array<std::uint64_t, bucket_count>>();
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace handoff::harness
