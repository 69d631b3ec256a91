#include "tests/harness/faulty_contenders.hpp"

#include <type_traits>

#include "harness/make_contender.hpp"
#include "tests/harness/faulty_queue.hpp"

namespace handoff::harness_tests {

namespace {

/// A queue that can only wait.
template <class T>
class faulty_plain {
 public:
  using value_type = T;
  static constexpr backend_traits traits = faulty_fifo<T>::traits;

  explicit faulty_plain(std::size_t capacity) : queue_(capacity) {}
  faulty_plain& producer() noexcept { return *this; }
  faulty_plain& consumer() noexcept { return *this; }
  op_status push(T&& item) { return queue_.push(std::move(item)); }
  op_status pop(T& item) { return queue_.pop(item); }

 private:
  faulty_fifo<T> queue_;
};

static_assert(blocking_queue<faulty_plain<harness::item_8>> && !try_queue<faulty_plain<harness::item_8>>);

/// `Queue` with words for items of every kind but nodes: compiles its sessions once, not once per kind.
template <template <class> class Queue>
struct with_words {
  template <class T>
  using queue = Queue<std::conditional_t<std::is_same_v<T, harness::tree_node>, T, harness::item_8>>;
};

}  // namespace

const harness::contender faulty_fifo_contender = harness::make_contender<faulty_fifo>(wait_kind::native);
const harness::contender faulty_unordered_contender =
    harness::make_contender<with_words<faulty_unordered>::queue>(wait_kind::native);
const harness::contender faulty_lifo_contender =
    harness::make_contender<with_words<faulty_lifo>::queue>(wait_kind::native);
const harness::contender faulty_priority_contender =
    harness::make_contender<with_words<faulty_priority>::queue>(wait_kind::native);
const harness::contender faulty_per_producer_contender =
    harness::make_contender<with_words<faulty_per_producer>::queue>(wait_kind::native);
const harness::contender faulty_plain_contender =
    harness::make_contender<with_words<faulty_plain>::queue>(wait_kind::native);

}  // namespace handoff::harness_tests
