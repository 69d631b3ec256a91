// Shared by the backends over asio::experimental::channel: the channel, the operations that do not wait,
// and closing.
//
// Closing is not Asio's, which forgets the items inside (asio issue 1236) and leaves tasks that wait to
// push asleep (1318): all waiters are woken by the channel's cancel, and find it closed.
#pragma once

#include <asio/error_code.hpp>
#include <asio/experimental/channel.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::support {

template <class T>
class asio_push;

/// An item inside the channel that is not copied freely. Until its push has ended it knows its sender, to
/// which it gives its content back when it is destroyed: a failed push leaves its argument as it was.
template <class T>
class asio_parcel {
 public:
  asio_parcel() = default;
  asio_parcel(T&& item) noexcept : item_(std::move(item)) {}
  asio_parcel(T&& item, asio_push<T>& push) noexcept : item_(std::move(item)), push_(&push) {
    push.parcel_ = this;
  }
  asio_parcel(asio_parcel&& other) noexcept
      : item_(std::move(other.item_)), push_(std::exchange(other.push_, nullptr)) {
    if (push_ != nullptr) push_->parcel_ = this;
  }
  asio_parcel& operator=(asio_parcel&&) = delete;
  ~asio_parcel() {
    if (push_ == nullptr) return;
    push_->item_ = std::move(item_);
    push_->parcel_ = nullptr;
  }

  T&& item() noexcept { return std::move(item_); }

 private:
  friend asio_push<T>;

  T item_{};
  asio_push<T>* push_ = nullptr;
};

/// The push of one item, which lies in the caller's argument again if the push fails.
template <class T>
class asio_push {
 public:
  /// The element type of the channel. A copy leaves the argument of a push as it was.
  using payload = std::conditional_t<std::is_trivially_copyable_v<T>, T, asio_parcel<T>>;

  /// `item` outlives the push.
  explicit asio_push(T& item) noexcept : item_(item) {}
  asio_push(const asio_push&) = delete;
  asio_push& operator=(const asio_push&) = delete;
  ~asio_push() {
    if (parcel_ != nullptr) parcel_->push_ = nullptr;
  }

  T& item() const noexcept { return item_; }

  payload packed() noexcept {
    if constexpr (std::is_same_v<payload, T>)
      return item_;
    else
      return payload(std::move(item_), *this);
  }

 private:
  friend asio_parcel<T>;

  T& item_;
  asio_parcel<T>* parcel_ = nullptr;
};

/// Keeps nothing per handle. May be destroyed before its runtime, with tasks that wait in it, if these will
/// not be run or cancelled any more. `Executor`: of the channel and of the loop that it runs on.
template <class T, class Executor>
class asio_channel_core {
 public:
  /// What waits in one of Asio's operations has memory for a std::max_align_t.
  static constexpr std::size_t max_alignment = alignof(std::max_align_t);
  using value_type = item_type<T, max_alignment>;

  /// Declared by every backend over a channel.
  static constexpr backend_traits traits_of(std::string_view name, std::string_view summary) noexcept {
    backend_traits traits = traits_on_a_loop(name, summary, "Kohlhoff, Asio, experimental::channel",
                                             ordering::fifo, throwing_move::forbidden);
    traits.max_alignment = max_alignment;
    return traits;
  }
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "the channel moves an item from place to place: a throwing move would lose it");

  /// Throws as the contract says of capacities.
  asio_channel_core(Executor executor, std::string_view name, std::size_t capacity)
      : capacity_(checked_capacity(name, capacity, most_items(1))),
        channel_(std::move(executor), capacity_) {}
  asio_channel_core(const asio_channel_core&) = delete;
  asio_channel_core& operator=(const asio_channel_core&) = delete;

  /// success, full or closed.
  op_status try_push(T&& item) {
    if (closed_) [[unlikely]]
      return op_status::closed;
    if (channel_.try_send(no_error_, std::move(item))) return op_status::success;
    return channel_.ready() ? op_status::full : push_after_repair(std::move(item));
  }

  /// success, empty or closed.
  op_status try_pop(T& out) {
    if (channel_.try_receive([&out](const asio::error_code&, payload&& item) { out = item_of(item); }))
      return op_status::success;
    return closed_ ? op_status::closed : op_status::empty;
  }

  void close() {
    closed_ = true;
    channel_.cancel();
  }
  bool is_closed() const noexcept { return closed_; }
  std::size_t capacity() const noexcept { return capacity_; }

 protected:
  ~asio_channel_core() = default;

  using payload = typename asio_push<T>::payload;
  using channel_type = asio::experimental::channel<Executor, void(asio::error_code, payload)>;

  static T&& item_of(payload& from) noexcept {
    if constexpr (std::is_same_v<payload, T>)
      return std::move(from);
    else
      return from.item();
  }

  channel_type& channel() noexcept { return channel_; }
  const asio::error_code& no_error() const noexcept { return no_error_; }

 private:
  /// Full, with nothing inside and no task waiting: Asio 1.22 forgets that it has a buffer when the last
  /// one that waits to receive is cancelled (asio issue 1241). There is nothing inside that reset() could
  /// lose.
  [[gnu::noinline]] op_status push_after_repair(T&& item) {
    channel_.close();
    channel_.reset();
    return channel_.try_send(no_error_, std::move(item)) ? op_status::success : op_status::full;
  }

  const asio::error_code no_error_;  // a fresh one asks for the category, every time
  std::size_t capacity_;
  bool closed_ = false;
  channel_type channel_;
};

}  // namespace handoff::support
