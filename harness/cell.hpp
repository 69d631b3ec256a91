// A cell of the matrix: one contender in one scenario with one value on every axis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario.hpp"
#include "queues/contract/traits.hpp"
#include "queues/contract/word_table.hpp"

namespace handoff::harness {

/// How the consumers of a `shutdown` cell are told to leave.
enum class stop_protocol : unsigned char { sentinel, relay, close, join_cancel };
inline constexpr word_table<stop_protocol, 4> stop_protocol_words({{stop_protocol::sentinel, "sentinel"},
                                                                   {stop_protocol::relay, "relay"},
                                                                   {stop_protocol::close, "close"},
                                                                   {stop_protocol::join_cancel,
                                                                    "join_cancel"}});

/// Where workers are placed. `compact`: on neighbouring cores, one hardware thread per core while cores are
/// free; `spread`: as far apart as the machine allows; `none`: wherever the kernel puts them.
enum class pinning : unsigned char { none, compact, spread };
inline constexpr word_table<pinning, 3> pinning_words({{pinning::none, "none"},
                                                       {pinning::compact, "compact"},
                                                       {pinning::spread, "spread"}});

/// What travels through the queue: see harness/item.hpp; in `tree`, a node: see harness/trees/node.hpp.
enum class item_kind : unsigned char { bytes_8, bytes_64, move_only, node };
inline constexpr word_table<item_kind, 4> item_kind_words({{item_kind::bytes_8, "8"},
                                                           {item_kind::bytes_64, "64"},
                                                           {item_kind::move_only, "move_only"},
                                                           {item_kind::node, "32"}});

/// Which tree the workers of a `tree` cell grow: see harness/trees/tree.hpp.
enum class tree_name : unsigned char {
  fib_16,
  fib_30,
  skynet_3,
  skynet_6,
  nqueens_8,
  nqueens_12,
  uts_small,
  uts_t1,
  uts_t2,
  uts_t3,
  uts_t5,
  uts_t1l
};
inline constexpr word_table<tree_name, 12> tree_name_words({{tree_name::fib_16, "fib_16"},
                                                            {tree_name::fib_30, "fib_30"},
                                                            {tree_name::skynet_3, "skynet_3"},
                                                            {tree_name::skynet_6, "skynet_6"},
                                                            {tree_name::nqueens_8, "nqueens_8"},
                                                            {tree_name::nqueens_12, "nqueens_12"},
                                                            {tree_name::uts_small, "uts_small"},
                                                            {tree_name::uts_t1, "uts_t1"},
                                                            {tree_name::uts_t2, "uts_t2"},
                                                            {tree_name::uts_t3, "uts_t3"},
                                                            {tree_name::uts_t5, "uts_t5"},
                                                            {tree_name::uts_t1l, "uts_t1l"}});

constexpr std::string_view to_string(stop_protocol value) noexcept {
  return stop_protocol_words.word_of(value);
}
constexpr std::string_view to_string(pinning value) noexcept { return pinning_words.word_of(value); }
constexpr std::string_view to_string(item_kind value) noexcept { return item_kind_words.word_of(value); }
constexpr std::string_view to_string(tree_name value) noexcept { return tree_name_words.word_of(value); }

struct cell {
  harness::scenario scenario = harness::scenario::throughput;
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
  std::optional<tree_name> tree;       ///< tree only
  pinning pin = pinning::none;
  bool control = false;  ///< the A/A twin of the reference contender

  bool operator==(const cell&) const = default;
};

/// The stable id of a cell, `throughput/moodycamel/p:2/c:2/cap:-/bytes:8/wait:park`. Axes that do not apply
/// or have their default value (work 0-0, pinning none, control 0) are left out.
std::string name_of(const cell& c);

/// Why no contender at all can run the cell ("ping_pong has one producer and one consumer"), or nothing.
std::optional<std::string> why_nobody_can(const cell& c);

/// Bytes that one item occupies in the queue.
std::size_t item_bytes(item_kind kind) noexcept;

}  // namespace handoff::harness
