// Turns a queue type into sessions: which cells a contender can run, and how one is opened. Concepts and
// traits decide.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/coroutines/join.hpp"
#include "harness/coroutines/order_proof.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/ping_pong.hpp"
#include "harness/coroutines/shutdown.hpp"
#include "harness/coroutines/stream.hpp"
#include "harness/coroutines/tree.hpp"
#include "harness/scenarios/join.hpp"
#include "harness/scenarios/ping_pong.hpp"
#include "harness/scenarios/shutdown.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/scenarios/tree.hpp"
#include "harness/session.hpp"
#include "harness/sizing.hpp"
#include "harness/threads/join.hpp"
#include "harness/threads/order_proof.hpp"
#include "harness/threads/ping_pong.hpp"
#include "harness/threads/shutdown.hpp"
#include "harness/threads/stream.hpp"
#include "harness/threads/tree.hpp"

namespace handoff::harness {

namespace detail {

template <class Queue>
inline constexpr bool on_a_loop = Queue::traits.runs_on == execution::coroutines;

template <class Queue>
constexpr bool finds_parallel() noexcept {
  if constexpr (on_a_loop<Queue>)
    return coroutines::is_parallel<typename Queue::runtime_type>();
  else
    return false;
}
template <class Queue>
inline constexpr bool runs_in_parallel = finds_parallel<Queue>();

template <class Queue>
inline constexpr bool can_join = on_a_loop<Queue> ? async_joinable<Queue> : joinable<Queue>;

template <class Queue>
inline constexpr bool can_cancel = on_a_loop<Queue> || cancellable_queue<Queue>;

template <class Queue>
std::optional<std::string> why_not_stop(stop_protocol protocol) {
  switch (protocol) {
    case stop_protocol::sentinel:
    case stop_protocol::relay: return std::nullopt;
    case stop_protocol::close:
      if (!closable<Queue>) return "not closable";
      return std::nullopt;
    case stop_protocol::join_cancel:
      if (!can_join<Queue>) return "not joinable";
      if (!can_cancel<Queue>) return "not cancellable";
      return std::nullopt;
  }
  return "unknown stop protocol";
}

/// `Queue` is any instance of the contender: its abilities do not depend on the item.
template <class Queue>
std::optional<std::string> why_not(const cell& c) {
  if (c.producers > 1 && Queue::traits.producers == cardinality::one) return "one producer only";
  if (c.consumers > 1 && Queue::traits.consumers == cardinality::one) return "one consumer only";
  if (auto why = why_nobody_can(c)) return why;
  const scenario_facts& facts = facts_of(c.scenario);
  if (facts.joins && !can_join<Queue>) return "not joinable";
  if (facts.grows && !try_queue<Queue>) return "no try_push: a worker would wait for room that it must make";
  return facts.stops ? why_not_stop<Queue>(c.stop.value()) : std::nullopt;
}

/// What drives a scenario with the kind of worker that this queue has.
template <class Queue>
std::unique_ptr<any_stream> stream_of(const cell& c, const session_options& options) {
  if constexpr (on_a_loop<Queue>)
    return std::make_unique<coroutines::stream<Queue>>(c, options);
  else
    return std::make_unique<threads::stream<Queue>>(c, options);
}

template <class Queue>
std::unique_ptr<ping_pong_driver> ping_pong_of(const cell& c, const session_options& options) {
  if constexpr (on_a_loop<Queue>)
    return std::make_unique<coroutines::ping_pong_game<Queue>>(c, options);
  else
    return std::make_unique<threads::ping_pong_game<Queue>>(c, options);
}

template <class Queue>
std::unique_ptr<join_driver> join_of(const cell& c, const session_options& options) {
  if constexpr (on_a_loop<Queue>)
    return std::make_unique<coroutines::join_rounds<Queue>>(c, options);
  else
    return threads::join_rounds_of(c, options, &threads::make_queue<Queue>, stream_of<Queue>(c, options));
}

template <class Queue>
std::unique_ptr<shutdown_driver> shutdown_of(const cell& c, const session_options& options) {
  if constexpr (on_a_loop<Queue>)
    return std::make_unique<coroutines::shutdown_rounds<Queue>>(c, options);
  else
    return threads::shutdown_rounds_of(c, options, &threads::make_queue<Queue>);
}

template <class Queue>
std::unique_ptr<tree_driver> tree_of(const cell& c, const session_options& options) {
  if constexpr (on_a_loop<Queue>)
    return std::make_unique<coroutines::tree_rounds<Queue>>(c, options);
  else
    return std::make_unique<threads::tree_rounds<Queue>>(c, options);
}

template <class Queue>
std::unique_ptr<cell_session> open_scenario(const cell& c, const session_options& options) {
  switch (c.scenario) {
    case scenario::throughput: return open_throughput(c, options, stream_of<Queue>(c, options));
    case scenario::paced: return open_paced(c, options, stream_of<Queue>(c, options));
    case scenario::ping_pong: return open_ping_pong(c, options, ping_pong_of<Queue>(c, options));
    case scenario::join:
      if constexpr (can_join<Queue>) return open_join(c, options, join_of<Queue>(c, options));
      break;
    case scenario::shutdown: return open_shutdown(c, options, shutdown_of<Queue>(c, options));
    case scenario::tree: break;  // its items are nodes
  }
  throw std::logic_error("why_not() let a cell pass that cannot be run");
}

}  // namespace detail

/// Opens `c` on this queue type, whose item is the cell's. Throws std::logic_error if `why_not` gives a
/// reason, std::runtime_error if threads cannot be created or pinned.
template <class Queue>
std::unique_ptr<cell_session> open_session(const cell& c, const session_options& options) {
  if (const auto why = detail::why_not<Queue>(c))
    throw std::logic_error(fmt::format("{} cannot be run: {}", name_of(c), *why));
  if constexpr (!detail::on_a_loop<Queue> && Queue::traits.order == ordering::fifo)
    if (needs_order_proof(c, Queue::traits.order))
      if (std::string wrong = threads::prove_order(c, options, &threads::make_queue<Queue>); !wrong.empty())
        return std::make_unique<threads::disproved_session>(std::move(wrong));
  if constexpr (detail::runs_in_parallel<Queue>)
    if (needs_order_proof(c, Queue::traits.order))
      if (std::string wrong = coroutines::prove_order<Queue>(c, options); !wrong.empty())
        return std::make_unique<threads::disproved_session>(std::move(wrong));
  return detail::open_scenario<Queue>(c, options);
}

/// As above, of a queue of nodes: the one scenario that has them. Their order is not checked, because a
/// worker pushes what it has just popped the parent of.
template <class Queue>
std::unique_ptr<cell_session> open_tree_session(const cell& c, const session_options& options) {
  if (const auto why = detail::why_not<Queue>(c))
    throw std::logic_error(fmt::format("{} cannot be run: {}", name_of(c), *why));
  if constexpr (detail::can_join<Queue> && try_queue<Queue>)
    return open_tree(c, options, detail::tree_of<Queue>(c, options));
  throw std::logic_error("why_not() let a cell pass that cannot be run");
}

/// The entry of a contender, for every kind of item. `Contender<T>` is its queue of T.
template <template <class> class Contender>
contender make_contender(wait_kind wait) {
  return {
      .wait = wait,
      .why_not = &detail::why_not<Contender<item_8>>,
      .open = [](const cell& c, const session_options& options) -> std::unique_ptr<cell_session> {
        switch (c.item) {
          case item_kind::bytes_8: return open_session<Contender<item_8>>(c, options);
          case item_kind::bytes_64: return open_session<Contender<item_64>>(c, options);
          case item_kind::move_only: return open_session<Contender<item_move_only>>(c, options);
          case item_kind::node: return open_tree_session<Contender<tree_node>>(c, options);
        }
        throw std::logic_error("unknown kind of item");
      },
  };
}

}  // namespace handoff::harness
