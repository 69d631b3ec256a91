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
#include "harness/coroutines/ping_pong.hpp"
#include "harness/coroutines/shutdown.hpp"
#include "harness/coroutines/stream.hpp"
#include "harness/session.hpp"
#include "harness/sizing.hpp"
#include "harness/threads/join.hpp"
#include "harness/threads/order_proof.hpp"
#include "harness/threads/ping_pong.hpp"
#include "harness/threads/shutdown.hpp"
#include "harness/threads/stream.hpp"

namespace handoff::harness {

namespace detail {

template <class Queue>
inline constexpr bool on_a_loop = Queue::traits.runs_on == execution::coroutines;

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
  return facts.stops ? why_not_stop<Queue>(c.stop.value()) : std::nullopt;
}

template <class Queue>
std::unique_ptr<cell_session> open_on_threads(const cell& c, const session_options& options) {
  if constexpr (Queue::traits.order == ordering::fifo)
    if (needs_order_proof(c, Queue::traits.order))
      if (std::string wrong = threads::order_proof<Queue>(c, options).run(); !wrong.empty())
        return std::make_unique<threads::disproved_session>(std::move(wrong));
  switch (c.scenario) {
    case scenario::throughput:
      return std::make_unique<throughput_session>(std::make_unique<threads::stream<Queue>>(c, options), c,
                                                  options);
    case scenario::paced:
      return std::make_unique<paced_session>(std::make_unique<threads::stream<Queue>>(c, options), c,
                                             options);
    case scenario::ping_pong: return std::make_unique<threads::ping_pong_session<Queue>>(c, options);
    case scenario::join:
      if constexpr (can_join<Queue>) return std::make_unique<threads::join_session<Queue>>(c, options);
      break;
    case scenario::shutdown: return std::make_unique<threads::shutdown_session<Queue>>(c, options);
  }
  throw std::logic_error("why_not() let a cell pass that cannot be run");
}

template <class Queue>
std::unique_ptr<cell_session> open_on_a_loop(const cell& c, const session_options& options) {
  switch (c.scenario) {
    case scenario::throughput:
      return std::make_unique<throughput_session>(std::make_unique<coroutines::stream<Queue>>(c, options), c,
                                                  options);
    case scenario::paced:
      return std::make_unique<paced_session>(std::make_unique<coroutines::stream<Queue>>(c, options), c,
                                             options);
    case scenario::ping_pong: return std::make_unique<coroutines::ping_pong_session<Queue>>(c, options);
    case scenario::join:
      if constexpr (can_join<Queue>) return std::make_unique<coroutines::join_session<Queue>>(c, options);
      break;
    case scenario::shutdown: return std::make_unique<coroutines::shutdown_session<Queue>>(c, options);
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
  if constexpr (detail::on_a_loop<Queue>)
    return detail::open_on_a_loop<Queue>(c, options);
  else
    return detail::open_on_threads<Queue>(c, options);
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
        }
        throw std::logic_error("unknown kind of item");
      },
  };
}

}  // namespace handoff::harness
