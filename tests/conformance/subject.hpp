// A contender as the suite sees it: type-erased, so that the cases are compiled once, not once per backend.
// Items are named by their keys; the adapter (adapter.hpp) makes them, and checks what comes out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>

#include "queues/contract/concepts.hpp"
#include "tests/support/items.hpp"

namespace handoff::conformance {

using testing_support::item_key;

/// A producer handle. Pushes the item with that key; checks that a failed push has left the item as it was.
class any_producer {
 public:
  any_producer() = default;
  any_producer(const any_producer&) = delete;
  any_producer& operator=(const any_producer&) = delete;
  virtual ~any_producer() = default;
  virtual op_status try_push(item_key key) = 0;
  virtual op_status push(item_key key) = 0;
  virtual op_status push(item_key key, const std::stop_token& token) = 0;
  virtual op_status push_until(item_key key, deadline_t deadline) = 0;
  virtual std::uint64_t failed_attempts() const = 0;
};

/// A consumer handle. `key` is written on success only; an item that came out torn is noted.
class any_consumer {
 public:
  any_consumer() = default;
  any_consumer(const any_consumer&) = delete;
  any_consumer& operator=(const any_consumer&) = delete;
  virtual ~any_consumer() = default;
  virtual op_status try_pop(item_key& key) = 0;
  virtual op_status pop(item_key& key) = 0;
  virtual op_status pop(item_key& key, const std::stop_token& token) = 0;
  virtual op_status pop_until(item_key& key, deadline_t deadline) = 0;
  virtual void task_done() = 0;
  /// As any_producer: checks that an item that is refused is as it was.
  virtual op_status spawn(item_key key) = 0;
  virtual std::uint64_t failed_attempts() const = 0;
};

/// A queue used by threads. Operations that a contender lacks (see `capabilities`) must not be called.
class any_queue {
 public:
  any_queue() = default;
  any_queue(const any_queue&) = delete;
  any_queue& operator=(const any_queue&) = delete;
  virtual ~any_queue() = default;
  virtual std::unique_ptr<any_producer> producer() = 0;
  virtual std::unique_ptr<any_consumer> consumer() = 0;
  virtual void close() = 0;
  virtual bool is_closed() const = 0;
  virtual void join() = 0;
  virtual std::size_t capacity() const = 0;
  virtual std::size_t size() const = 0;
};

/// The kinds of item (tests/support/items.hpp).
enum class item_kind : unsigned char { word, block, tracked, throwing };
inline constexpr std::size_t item_kinds = 4;

/// The concepts that a contender models.
struct capabilities {
  bool tries = false;
  bool blocks = false;
  bool timed = false;
  bool cancellable = false;
  bool closable = false;
  bool joinable = false;
  bool knows_capacity = false;
  bool knows_size = false;
  bool counts_failures = false;  // both handles
  bool starts_anywhere = false;
  bool self_feeding = false;
};

template <class Q>
constexpr capabilities capabilities_of() {
  return {.tries = try_queue<Q>,
          .blocks = blocking_queue<Q>,
          .timed = timed_queue<Q>,
          .cancellable = cancellable_queue<Q>,
          .closable = closable<Q>,
          .joinable = joinable<Q>,
          .knows_capacity = knows_capacity<Q>,
          .knows_size = knows_size<Q>,
          .counts_failures = counts_failures<std::remove_reference_t<producer_handle<Q>>> &&
                             counts_failures<std::remove_reference_t<consumer_handle<Q>>>,
          .starts_anywhere = starts_anywhere<Q>,
          .self_feeding = self_feeding<Q>};
}

/// `first` is honoured by queues with `starts_anywhere`.
using queue_factory = std::unique_ptr<any_queue> (*)(std::size_t capacity, first_position first);

/// A contender that the suite is held against.
struct subject {
  std::string backend;  ///< as its header is named
  std::string name;     ///< as a test suite: mutex_condvar_native, moodycamel_park
  backend_traits traits;
  wait_kind wait = wait_kind::native;
  capabilities can;
  bool parks_at_once =
      false;  ///< `park` without a single yield before it sleeps: nothing hides a lost wake-up
  std::array<queue_factory, item_kinds> make{};  ///< by item_kind; null if the backend refuses the item
};

}  // namespace handoff::conformance
