// A backend's declarations about itself: the meaning that a concept cannot check. The conformance tests
// hold it to this.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "queues/contract/word_table.hpp"

namespace handoff {

/// How many threads (or tasks) may use one side of the queue at the same time.
enum class cardinality : unsigned char { one, many };

/// The order in which accepted items come out, whichever consumer receives them; per_producer_fifo: as any
/// one consumer sees.
enum class ordering : unsigned char { fifo, per_producer_fifo, lifo, priority, unordered };

/// The progress guarantee of the `try_` forms (or of the only forms there are).
enum class progress : unsigned char { blocking, obstruction_free, lock_free, wait_free, single_threaded };

/// How the workers run: as threads of the system, or as coroutines.
enum class execution : unsigned char { threads, coroutines };

/// How an operation waits. `native`: the queue's own waiting. `loop`: it suspends a coroutine. The others are
/// the policies that `support::layered` puts over a `try_queue`.
enum class wait_kind : unsigned char { native, loop, spin, yield, park };

/// The effect of an item's throwing move on the queue. `strong`: the operation had no effect. `basic`: the
/// item may be lost, the queue stays usable and leaks nothing. `forbidden`: the backend refuses such types
/// at compile time, with a static_assert that says what "a throwing move" would do.
enum class throwing_move : unsigned char { strong, basic, forbidden };

/// A set of `wait_kind`s, written as a list: `{wait_kind::native, wait_kind::park}`.
class wait_set {
 public:
  constexpr wait_set() noexcept = default;
  constexpr wait_set(std::initializer_list<wait_kind> kinds) noexcept {
    for (auto kind : kinds) bits_ |= bit(kind);
  }
  constexpr bool contains(wait_kind kind) const noexcept { return (bits_ & bit(kind)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }

 private:
  static constexpr unsigned bit(wait_kind kind) noexcept { return 1U << static_cast<unsigned>(kind); }
  unsigned bits_ = 0;
};

/// Every policy that the layering offers.
inline constexpr wait_set layered_waits{wait_kind::spin, wait_kind::yield, wait_kind::park};

/// Items may have any alignment that a type may have here: a page's is the strictest that is held to be of
/// use.
inline constexpr std::size_t any_alignment = 4096;

/// T, which a backend says of its items (`using value_type = item_type<T>`): one place refuses what no queue
/// with this `max_alignment` could place.
template <class T, std::size_t MaxAlignment>
struct checked_item {
  static_assert(alignof(T) <= MaxAlignment,
                "the queue takes items of any alignment up to its traits' max_alignment: one of a "
                "stricter alignment would be misplaced in it");
  using type = T;
};
template <class T, std::size_t MaxAlignment = any_alignment>
using item_type = typename checked_item<T, MaxAlignment>::type;

/// The declaration of a backend: `static constexpr backend_traits traits` in its class.
struct backend_traits {
  std::string_view name;       ///< The class's and the header's name; matrices use it.
  std::string_view summary;    ///< One line for `--list-backends`.
  std::string_view reference;  ///< Paper or project.
  cardinality producers = cardinality::many;
  cardinality consumers = cardinality::many;
  bool bounded = true;
  ordering order = ordering::fifo;
  bool exact_empty =
      true;  ///< false: `try_pop` may answer `empty` while an item is inside; then `size()` exists.
  progress guarantee = progress::blocking;
  throwing_move on_throwing_move = throwing_move::forbidden;
  wait_set waits;
  execution runs_on = execution::threads;
  std::size_t max_alignment = any_alignment;  ///< Of an item; a stricter one is refused at compile time.
};

/// Declared by every bounded queue of coroutines on one loop whose `empty` is exact.
constexpr backend_traits traits_on_a_loop(std::string_view name, std::string_view summary,
                                          std::string_view reference, ordering order,
                                          throwing_move on_throwing_move) noexcept {
  return {
      .name = name,
      .summary = summary,
      .reference = reference,
      .producers = cardinality::many,
      .consumers = cardinality::many,
      .bounded = true,
      .order = order,
      .exact_empty = true,
      .guarantee = progress::single_threaded,
      .on_throwing_move = on_throwing_move,
      .waits = {wait_kind::loop},
      .runs_on = execution::coroutines,
  };
}

inline constexpr word_table<cardinality, 2> cardinality_words({{cardinality::one, "one"},
                                                               {cardinality::many, "many"}});

inline constexpr word_table<ordering, 5> ordering_words({{ordering::fifo, "fifo"},
                                                         {ordering::per_producer_fifo, "per_producer_fifo"},
                                                         {ordering::lifo, "lifo"},
                                                         {ordering::priority, "priority"},
                                                         {ordering::unordered, "unordered"}});

inline constexpr word_table<progress, 5> progress_words({{progress::blocking, "blocking"},
                                                         {progress::obstruction_free, "obstruction_free"},
                                                         {progress::lock_free, "lock_free"},
                                                         {progress::wait_free, "wait_free"},
                                                         {progress::single_threaded, "single_threaded"}});

inline constexpr word_table<execution, 2> execution_words({{execution::threads, "threads"},
                                                           {execution::coroutines, "coroutines"}});

inline constexpr word_table<wait_kind, 5> wait_kind_words({{wait_kind::native, "native"},
                                                           {wait_kind::loop, "loop"},
                                                           {wait_kind::spin, "spin"},
                                                           {wait_kind::yield, "yield"},
                                                           {wait_kind::park, "park"}});

constexpr std::string_view to_string(cardinality value) noexcept { return cardinality_words.word_of(value); }
constexpr std::string_view to_string(ordering value) noexcept { return ordering_words.word_of(value); }
constexpr std::string_view to_string(progress value) noexcept { return progress_words.word_of(value); }
constexpr std::string_view to_string(execution value) noexcept { return execution_words.word_of(value); }
constexpr std::string_view to_string(wait_kind value) noexcept { return wait_kind_words.word_of(value); }

}  // namespace handoff
