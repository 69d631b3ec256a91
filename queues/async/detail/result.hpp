// The result of a coroutine: a value, or the exception that it threw.
#pragma once

#include <cxxabi.h>

#include <exception>
#include <stdexcept>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

#include "queues/async/errors.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::async {

template <class T>
class result {
  static_assert(std::is_object_v<T>, "a task returns an object or nothing");
  static_assert(alignof(T) <= any_alignment,
                "a task's result of a stricter alignment than 4096 would be misplaced in its frame");
  struct none {};
  using value = T;

 public:
  template <class... Args>
  void set_value(Args&&... args) {
    content_.template emplace<1>(std::forward<Args>(args)...);
  }

  /// Stores the exception that is being handled.
  void set_current_exception() noexcept {
    cancelled_ = *abi::__cxa_current_exception_type() == typeid(cancelled_error);
    content_.template emplace<2>(std::current_exception());
  }

  /// Stores that the coroutine was cancelled before it began.
  void set_cancelled() noexcept {
    cancelled_ = true;
    content_.template emplace<2>(std::make_exception_ptr(cancelled_error{}));
  }

  /// It ended with a `cancelled_error`.
  bool cancelled() const noexcept { return cancelled_; }

  /// The exception that it threw, a `cancelled_error` included; null if there was none.
  std::exception_ptr exception() const noexcept {
    asked_ = true;
    return thrown();
  }

  /// The same if it (or the value) was never retrieved and it is not a cancellation.
  std::exception_ptr unasked_exception() const noexcept { return asked_ || cancelled_ ? nullptr : thrown(); }

  bool threw() const noexcept { return content_.index() == 2; }

  /// The value; throws what the coroutine threw, or std::logic_error if it has not ended by itself.
  std::add_lvalue_reference_t<T> get() {
    asked_ = true;
    if (const auto* const thrown = std::get_if<2>(&content_)) std::rethrow_exception(*thrown);
    if (content_.index() == 0) throw std::logic_error("the task has no result: it has not run to its end");
    return std::get<1>(content_);
  }

 private:
  std::exception_ptr thrown() const noexcept {
    const auto* const one = std::get_if<2>(&content_);
    return one != nullptr ? *one : nullptr;
  }

  std::variant<none, value, std::exception_ptr> content_;
  bool cancelled_ = false;
  mutable bool asked_ = false;
};

/// The same in 16 bytes: most tasks answer nothing, and there may be a million of them.
template <>
class result<void> {
 public:
  void set_value() noexcept { ended_ = true; }

  void set_current_exception() noexcept {
    cancelled_ = *abi::__cxa_current_exception_type() == typeid(cancelled_error);
    thrown_ = std::current_exception();
  }

  void set_cancelled() noexcept {
    cancelled_ = true;
    thrown_ = std::make_exception_ptr(cancelled_error{});
  }

  bool cancelled() const noexcept { return cancelled_; }

  std::exception_ptr exception() const noexcept {
    asked_ = true;
    return thrown_;
  }

  std::exception_ptr unasked_exception() const noexcept { return asked_ || cancelled_ ? nullptr : thrown_; }

  bool threw() const noexcept { return thrown_ != nullptr; }

  void get() const {
    asked_ = true;
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    if (!ended_) throw std::logic_error("the task has no result: it has not run to its end");
  }

 private:
  std::exception_ptr thrown_;
  bool ended_ = false;
  bool cancelled_ = false;
  mutable bool asked_ = false;
};

}  // namespace handoff::async
