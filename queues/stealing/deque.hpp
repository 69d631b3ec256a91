// What a work-stealing deque offers: its owner puts work in and takes it out again, thieves take the oldest.
//
// Each deque belongs to one thread at a time, its owner. `push` and `pop` are the owner's alone; `steal`,
// `steal_half` and `looks_empty` belong to any thread, the owner among them. A deque changes owners if
// something else orders what the old one did before what the new one does.
//
// Items are small: any type that an atomic of the machine holds. Bigger ones travel as pointers to nodes. A
// deque destroys no items: whoever destroys it empties it first. What the owner wrote before a push is
// visible to whoever takes the item out, by any operation.
#pragma once

#include <atomic>
#include <concepts>
#include <type_traits>

namespace handoff::stealing {

/// What a thief is told.
enum class steal_status : unsigned char {
  item,   ///< it has one
  empty,  ///< at a moment during the call, no item was inside that it could have had
  lost,   ///< there was an item, and this attempt did not get it: another thread was faster, or its owner
          ///< must hand it out first and has now been asked to. Try elsewhere, or later.
};

/// Types that a slot of a deque holds: it is read while it may be overwritten, so it must be one atomic word.
template <class T>
concept stealable =
    std::is_trivially_copyable_v<T> && std::default_initializable<T> && std::atomic<T>::is_always_lock_free;

/// The deques of this room. `newest_first`: `pop` takes the youngest item, else the oldest. `growable`:
/// `push` always succeeds; otherwise it answers false if there is no room, and the caller puts the item
/// elsewhere, such as into an `injector`. `asks_owner`: thieves cannot reach every item themselves (see
/// `handing_out`).
///
/// `looks_empty` is for a look before an attempt: a few relaxed loads, no step that slows the owner down.
/// Either answer may be out of date when it comes, so it says where to try, never that all work is done.
template <class D>
concept work_stealing_deque = stealable<typename D::value_type> &&
    requires(D& deque, const D& seen, typename D::value_type& item) {
  { D::newest_first } -> std::convertible_to<bool>;
  { D::growable } -> std::convertible_to<bool>;
  { D::asks_owner } -> std::convertible_to<bool>;
  { deque.push(item) } -> std::same_as<bool>;
  { deque.pop(item) } -> std::same_as<bool>;
  { deque.steal(item) } -> std::same_as<steal_status>;
  { seen.looks_empty() } -> std::same_as<bool>;
};

/// A thief may take half of what it finds with one step: the oldest as `item`, the rest into its own deque.
/// The caller owns `own`, which must be another deque than the victim.
template <class D>
concept halving_deque = work_stealing_deque<D> && requires(D& victim, D& own, typename D::value_type& item) {
  { victim.steal_half(own, item) } -> std::same_as<steal_status>;
};

/// Thieves reach only what the owner has handed out. One that finds nothing asks, and the owner answers at
/// its next push or pop. `handed_out` is the owner's: whether it has handed anything out since it was last
/// asked. Then a thief that sleeps should be woken, since it may have gone to sleep before.
template <class D>
concept handing_out = work_stealing_deque<D> && requires(D& deque) {
  { deque.handed_out() } -> std::same_as<bool>;
};

}  // namespace handoff::stealing
