// A branch that may run elsewhere: it lives on the stack of the `join` that forked it.
//
// As long as it is private, nobody but its worker knows it, and it holds nothing but what to call and its
// place in the worker's list. What follows `newer` is written only once it is given away, and belongs to the
// lock of the hub from then on; so a fork that nobody steals pays for none of it.
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

  explicit record(void (*call)(record&) noexcept) noexcept : run(call) {}

  void (*run)(record&) noexcept;
  record* newer;  // the next record of the same worker, unless this is its newest

  void* owner;       // the worker that forked it
  run_state* state;  // of the run that it belongs to
  place where;
  bool threw;  // what it has left behind is an exception
};

/// The record of a callable, and room for what that leaves.
template <class B>
class branch : public record {
  using result = result_of<B>;

 public:
  explicit branch(B& b) noexcept : record(&branch::invoke), callable_(std::addressof(b)) {}
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

  static void invoke(record& self) noexcept {
    auto& me = static_cast<branch&>(self);
    try {
      ::new (static_cast<void*>(&me.value_)) result(call(*me.callable_));
    } catch (...) {
      std::construct_at(&me.error_, std::current_exception());
      me.threw = true;
    }
  }

  B* callable_;
  union {
    result value_;
    std::exception_ptr error_;
  };
};

}  // namespace handoff::stealing::detail
