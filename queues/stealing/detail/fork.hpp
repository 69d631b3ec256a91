// The way of a fork and its join: what each costs stands here.
#pragma once

#include <type_traits>
#include <utility>

#include "queues/stealing/detail/hub.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/errors.hpp"

namespace handoff::stealing::detail {

template <class A, class B>
using pair_of =
    std::conditional_t<std::is_void_v<std::invoke_result_t<A&>> && std::is_void_v<std::invoke_result_t<B&>>,
                       void, std::pair<result_of<A>, result_of<B>>>;

/// A request was seen: ends a run that has been cancelled by throwing, or gives a record away.
template <class Steps>
[[gnu::noinline, gnu::cold]] void attend(worker<Steps>& w) {
  if (w.state->stopped()) throw cancelled();
  w.shared.attend(w);
}

[[noreturn, gnu::noinline, gnu::cold]] inline void refuse_depth() { throw stack_exhausted(); }

/// The end of a fork whose second branch was given away: true if it is the caller's again.
template <class Steps>
[[gnu::noinline, gnu::cold]] bool take_back(worker<Steps>& w, awaited_record& r) {
  return w.shared.take_back(w, r);
}

/// Takes the branch, the newest, out of the list. Whether it is the caller's: to run, or to forget.
template <class Steps>
[[gnu::always_inline]] inline bool unfork(worker<Steps>& w, awaited_record& r, awaited_record* older) {
  w.newest = older;
  if (w.given != &r) [[likely]]
    return true;
  w.given = older;
  return take_back(w, r);
}

/// `a` may not return normally: settles the second branch before the exception goes on.
template <class Steps, class B>
[[gnu::noinline, gnu::cold]] void abandon(worker<Steps>& w, branch<B>& second, awaited_record* older) {
  if (!unfork(w, second, older)) second.drop();
}

template <class Steps, class A, class B>
[[gnu::always_inline]] inline result_of<A> run_first(worker<Steps>& w, A& a, branch<B>& second,
                                                     awaited_record* older) {
  try {
    if (w.shared.wanted()) [[unlikely]]
      attend(w);
    return call(a);
  } catch (...) {
    abandon(w, second, older);
    throw;
  }
}

template <class Steps, class A, class B>
[[gnu::always_inline]] inline pair_of<A, B> fork(worker<Steps>& w, A& a, B& b) {
  if (stack_position() < w.stack.fork) [[unlikely]]
    refuse_depth();
  branch<B> second(b);
  awaited_record* const older = w.newest;
  older->newer = &second;
  w.newest = &second;
  if constexpr (std::is_void_v<pair_of<A, B>>) {
    run_first(w, a, second, older);
    if (unfork(w, second, older)) [[likely]]
      b();
    else
      second.take();
  } else {
    result_of<A> x = run_first(w, a, second, older);
    if (unfork(w, second, older)) [[likely]]
      return {std::move(x), call(b)};
    return {std::move(x), second.take()};
  }
}

}  // namespace handoff::stealing::detail
