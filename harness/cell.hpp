// A cell of the matrix: one contender in one scenario with one value on every axis.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "queues/contract/traits.hpp"

namespace handoff::harness {

enum class scenario : unsigned char { throughput, ping_pong, paced, join, shutdown };
inline constexpr std::array all_scenarios{scenario::throughput, scenario::ping_pong, scenario::paced,
                                          scenario::join, scenario::shutdown};

/// How the consumers of a `shutdown` cell are told to leave.
enum class stop_protocol : unsigned char { sentinel, relay, close, join_cancel };
inline constexpr std::array all_stop_protocols{stop_protocol::sentinel, stop_protocol::relay,
                                               stop_protocol::close, stop_protocol::join_cancel};

/// Where workers are placed. `compact`: on neighbouring cores, one hardware thread per core while cores are
/// free; `spread`: as far apart as the machine allows; `none`: wherever the kernel puts them.
enum class pinning : unsigned char { none, compact, spread };
inline constexpr std::array all_pinnings{pinning::none, pinning::compact, pinning::spread};

/// What travels through the queue: see harness/item.hpp.
enum class item_kind : unsigned char { bytes_8, bytes_64, move_only };
inline constexpr std::array all_item_kinds{item_kind::bytes_8, item_kind::bytes_64, item_kind::move_only};

std::string_view to_string(scenario value) noexcept;
std::string_view to_string(stop_protocol value) noexcept;
std::string_view to_string(pinning value) noexcept;
/// "8", "64" or "move_only", as written in matrices and cell names.
std::string_view to_string(item_kind value) noexcept;

struct cell {
  scenario what = scenario::throughput;
  std::string backend;
  std::optional<wait_kind> wait;  ///< none: an unavailable backend, whose waits are unknown
  unsigned producers = 1;
  unsigned consumers = 1;
  std::optional<std::size_t> capacity;  ///< none: unbounded
  item_kind item = item_kind::bytes_8;
  std::uint32_t work_producer_ns = 0;  ///< busy work before each push
  std::uint32_t work_consumer_ns = 0;  ///< busy work after each pop
  std::optional<double> rate;          ///< paced only: share of the cell's own throughput
  std::optional<stop_protocol> stop;   ///< shutdown only
  pinning pin = pinning::none;
  bool control = false;  ///< the A/A twin of the reference contender

  bool operator==(const cell&) const = default;
};

/// The stable id of a cell, `throughput/moodycamel/p:2/c:2/cap:-/bytes:8/wait:park`. Axes that do not apply
/// or have their default value (work 0-0, pinning none, control 0) are left out.
std::string name_of(const cell& c);

/// Bytes that one item occupies in the queue.
std::size_t item_bytes(item_kind kind) noexcept;

}  // namespace handoff::harness
