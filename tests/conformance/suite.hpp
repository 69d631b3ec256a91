// The suite for a backend: one contender for each of its waits, and the cases that its traits and concepts
// call for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "queues/support/with_wait.hpp"
#include "tests/conformance/adapter.hpp"
#include "tests/conformance/loops/crowd_on_loop.hpp"
#include "tests/conformance/loops/join_on_loop.hpp"
#include "tests/conformance/loops/on_loop.hpp"
#include "tests/conformance/loops/throwing_on_loop.hpp"
#include "tests/conformance/subject.hpp"

namespace handoff::conformance {

/// Registers the contender's cases with GoogleTest. Called before main() runs the tests.
bool register_cases(subject who);

template <template <class> class Queue, class Item>
void offer(subject& who, item_kind kind) {
  who.make[static_cast<std::size_t>(kind)] = queue_adapter<Queue<Item>>::make;
}

/// `Queue<item>` is the contender's queue of these items.
template <template <class> class Backend, template <class> class Queue>
subject describe(const std::string& backend, std::string_view suffix, wait_kind wait) {
  subject who;
  who.backend = backend;
  who.name = backend + "_" + std::string(suffix);
  who.traits = Backend<int>::traits;
  who.wait = wait;
  who.can = capabilities_of<Queue<testing_support::tracked_item>>();
  offer<Queue, testing_support::tracked_item>(who, item_kind::tracked);
  return who;
}

/// Parks without yielding first.
template <template <class> class Backend>
struct parking_at_once {
  template <class T>
  using queue = support::layered<Backend<T>, support::basic_park<0>>;
};

template <template <class> class Backend, wait_kind Wait>
void register_wait(const std::string& backend) {
  if constexpr (Backend<int>::traits.waits.contains(Wait)) {
    using wait = support::waiting<Backend, Wait>;
    subject who = describe<Backend, wait::template queue>(backend, to_string(Wait), Wait);
    offer<wait::template queue, testing_support::word_item>(who, item_kind::word);
    offer<wait::template queue, testing_support::block_item>(who, item_kind::block);
    if constexpr (Backend<int>::traits.on_throwing_move != throwing_move::forbidden)
      offer<wait::template queue, testing_support::throwing_item>(who, item_kind::throwing);
    register_cases(std::move(who));
  }
}

/// The suite for a backend whose header is called `name`. Called once per program, before main() runs the
/// tests.
template <template <class> class Backend>
bool register_backend(const std::string& name) {
  constexpr wait_set waits = Backend<int>::traits.waits;
  static_assert(!waits.empty(), "the traits name no way of waiting (waits): nothing would be tested");
  if constexpr (waits.contains(wait_kind::loop)) {
    register_wait<Backend, wait_kind::loop>(name);
    register_on_loop(name + "_tasks", loop_cases<Backend>::all());
    register_on_loop(name + "_tasks", crowd_loop_cases<Backend>::all());
    if constexpr (async_joinable<Backend<testing_support::tracked_item>>)
      register_on_loop(name + "_tasks", join_loop_cases<Backend>::all());
    if constexpr (Backend<int>::traits.on_throwing_move == throwing_move::strong) {
      register_on_loop(name + "_tasks", throwing_loop_cases<Backend>::all());
      if constexpr (async_joinable<Backend<testing_support::throwing_item>>)
        register_on_loop(name + "_tasks", throwing_loop_cases<Backend>::joining());
    }
  }
  register_wait<Backend, wait_kind::native>(name);
  register_wait<Backend, wait_kind::spin>(name);
  register_wait<Backend, wait_kind::yield>(name);
  register_wait<Backend, wait_kind::park>(name);
  if constexpr (waits.contains(wait_kind::park)) {
    using wait = parking_at_once<Backend>;
    subject who = describe<Backend, wait::template queue>(name, "park_at_once", wait_kind::park);
    who.parks_at_once = true;
    if constexpr (Backend<int>::traits.on_throwing_move != throwing_move::forbidden)
      offer<wait::template queue, testing_support::throwing_item>(who, item_kind::throwing);
    register_cases(std::move(who));
  }
  return true;
}

}  // namespace handoff::conformance
