// The result of one measurement of a cell. A value that does not apply is empty; no value is ever a made-up
// zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "queues/contract/word_table.hpp"

namespace handoff::harness {

enum class sample_status : unsigned char { ok, corrupt, crashed, timeout, skipped, unavailable, unsustained };

inline constexpr word_table<sample_status, 7> sample_status_words(
    {{sample_status::ok, "ok"},
     {sample_status::corrupt, "corrupt"},
     {sample_status::crashed, "crashed"},
     {sample_status::timeout, "timeout"},
     {sample_status::skipped, "skipped"},
     {sample_status::unavailable, "unavailable"},
     {sample_status::unsustained, "unsustained"}});

constexpr std::string_view to_string(sample_status status) noexcept {
  return sample_status_words.word_of(status);
}

/// Latencies in nanoseconds. A percentile with fewer than 10 values beyond it is empty.
struct latency_summary {
  std::uint64_t count = 0;
  std::optional<double> p50, p90, p99, p999, max;
};

/// Resources that the process used between the start and the end of a measurement window.
struct resource_usage {
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_involuntary = 0;
  std::optional<double> steal_s;  ///< whole machine, from /proc/stat; empty if the kernel does not report it
  std::uint64_t peak_rss_bytes = 0;
};

struct sample {
  sample_status status = sample_status::ok;
  std::string detail;  ///< one sentence: the reason, if the status is not ok
  std::optional<std::uint64_t> items;
  std::optional<double> seconds;
  std::optional<double> items_per_second;
  std::optional<double> rate_items_per_second;  ///< paced: the schedule that was kept
  std::optional<std::uint64_t> push_failed, pop_failed;
  std::optional<latency_summary> latency;
  std::optional<double> join_ns, task_done_ns, shutdown_ns, threads_joined_ns;
  std::optional<double> node_ns, serial_node_ns, speed_up;         ///< tree
  std::optional<double> idle_share, kept_share;                    ///< tree
  std::optional<std::uint64_t> steals, steals_empty, steals_lost;  ///< tree, if consumers steal
  std::optional<double> search_share;                              ///< likewise
  std::optional<double> clock_ns;                                  ///< cost of one reading of the clock
  std::optional<resource_usage> resources;
  std::optional<double> fairness_producers, fairness_consumers;
};

}  // namespace handoff::harness
