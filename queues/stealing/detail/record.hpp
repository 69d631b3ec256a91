// What a worker may give away: the second branch of a `join` of functions, which lives on that join's stack,
// or a coroutine that can be continued, whose record begins its promise (frame.hpp).
//
// A branch: as long as it is private, nobody but its worker knows it, and it holds nothing but what to call
// and its place in the worker's list. What follows `newer` is written only once it is given away, and belongs
// to the lock of the hub from then on; so a fork that nobody steals pays for none of it.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "queues/support/intrusive_list.hpp"

namespace handoff::stealing::detail {

class run_state;

/// What a branch leaves behind: nothing is kept as a std::monostate, a reference as a copy of what it names.
template <class F>
using result_of = std::conditional_t<std::is_void_v<std::invoke_result_t<F&>>, std::monostate,
                                     std::decay_t<std::invoke_result_t<F&>>>;

template <class F>
result_of<F> call(F& f) {
  if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
    f();
    return {};
  } else {
    return f();
  }
}

struct record : support::list_link {  // the link belongs to the hub's list
  enum class place : std::uint8_t {
    listed,  // given away; nobody has it yet
    taken,   // a worker runs it
    over     // it has run: its result or its exception is there
  };

  explicit record(bool (*call)(record&) noexcept) noexcept : run(call) {}

  bool (*run)(record&) noexcept;  // true: it is over. False: it has named the worker's next coroutine
  run_state* state;               // of the run that it belongs to
  place where;
};

/// A record whose end a worker waits for.
struct awaited_record : record {
  using record::record;

  void* owner;            // that worker
  bool threw;             // what it has left behind is an exception
  awaited_record* newer;  // the next branch of the same worker, unless this is its newest
};

/// The record of a callable, and room for what that leaves.
template <class B>
class branch : public awaited_record {
  using result = result_of<B>;

 public:
  explicit branch(B& b) noexcept : awaited_record(&branch::invoke), callable_(std::addressof(b)) {}
  branch(const branch&) = delete;
  branch& operator=(const branch&) = delete;
  ~branch() {}  // NOLINT: what is in the union has been taken or dropped, or was never there

  /// Once it is over: its result, or its exception is thrown. Once.
  result take() {
    if (threw) {
      const std::exception_ptr error = std::move(error_);
      std::destroy_at(&error_);
      std::rethrow_exception(error);
    }
    const destroyed_at_end<result> owned{&value_};
    return std::move(value_);
  }

  /// Once it is over, and nobody wants to know how.
  void drop() noexcept {
    if (threw)
      std::destroy_at(&error_);
    else
      std::destroy_at(&value_);
  }

 private:
  template <class T>
  struct destroyed_at_end {
    T* object;
    ~destroyed_at_end() { std::destroy_at(object); }
  };

  static bool invoke(record& self) noexcept {
    auto& me = static_cast<branch&>(self);
    try {
      ::new (static_cast<void*>(&me.value_)) result(call(*me.callable_));
    } catch (...) {
      std::construct_at(&me.error_, std::current_exception());
      me.threw = true;
    }
    return true;
  }

  B* callable_;
  union {
    result value_;
    std::exception_ptr error_;
  };
};

}  // namespace handoff::stealing::detail
