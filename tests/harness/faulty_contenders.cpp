#include "tests/harness/faulty_contenders.hpp"

#include "harness/contender_sessions.hpp"
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

}  // namespace

const harness::contender faulty_fifo_contender = harness::make_contender<faulty_fifo>(wait_kind::native);
const harness::contender faulty_unordered_contender =
    harness::make_contender<faulty_unordered>(wait_kind::native);
const harness::contender faulty_lifo_contender = harness::make_contender<faulty_lifo>(wait_kind::native);
const harness::contender faulty_priority_contender =
    harness::make_contender<faulty_priority>(wait_kind::native);
const harness::contender faulty_per_producer_contender =
    harness::make_contender<faulty_per_producer>(wait_kind::native);
const harness::contender faulty_plain_contender = harness::make_contender<faulty_plain>(wait_kind::native);

}  // namespace handoff::harness_tests
