// The items that tests send through the queues. Each kind is made from a key, and proves that it came out
// whole.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "tests/support/census.hpp"
#include "tests/support/half_way.hpp"

namespace handoff::testing_support {

using item_key = std::uint64_t;

/// A word that only this key at this place gives.
constexpr std::uint64_t fingerprint(item_key key, std::size_t place) noexcept {
  return (key + 1) * (0x9e3779b97f4a7c15U + 2 * place);
}

/// 8 bytes, trivially copyable: what a queue may keep in one atomic.
struct word_item {
  word_item() = default;
  explicit word_item(item_key k) noexcept : key(k) {}
  [[nodiscard]] bool whole() const noexcept { return true; }
  item_key key = 0;
};

/// 64 bytes, trivially copyable and yet move-only, every word derived from the key: shows a torn move.
struct block_item {
  block_item() : block_item(0) {}
  explicit block_item(item_key k) noexcept : key(k) {
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = fingerprint(k, i);
  }
  block_item(block_item&&) = default;
  block_item& operator=(block_item&&) = default;
  ~block_item() = default;
  [[nodiscard]] bool whole() const noexcept {
    for (std::size_t i = 0; i < rest.size(); ++i)
      if (rest[i] != fingerprint(key, i)) return false;
    return true;
  }
  item_key key;
  std::array<std::uint64_t, 7> rest;
};

/// 64 bytes, counted; knows whether it is alive, where it was constructed, and whether it holds what a key
/// gave it: an item that was default-constructed or moved from is hollow. Can be copied, which is noted: if
/// an item can be moved, no queue may copy it. A move can be told to stop half-way (half_way.hpp).
class tracked_item {
 public:
  tracked_item() noexcept : key(hollow) { be_born(); }
  explicit tracked_item(item_key k) noexcept : key(k) {
    for (std::size_t i = 0; i < rest_.size(); ++i) rest_[i] = fingerprint(k, i);
    be_born();
    be_filled();
  }
  tracked_item(tracked_item&& other) noexcept : key(other.key) {
    other.check_alive();
    take_content(other);
    be_born();
  }
  tracked_item(const tracked_item& other) noexcept : key(other.key), rest_(other.rest_) {
    other.check_alive();
    census::note(census::copied);
    be_born();
    be_filled();
  }
  tracked_item& operator=(tracked_item&& other) noexcept {
    check_alive();
    other.check_alive();
    if (this == &other) return *this;
    be_emptied();
    key = other.key;
    take_content(other);
    return *this;
  }
  // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): harmless, and noted as what it is
  tracked_item& operator=(const tracked_item& other) noexcept {
    check_alive();
    other.check_alive();
    census::note(census::copied);
    be_emptied();
    key = other.key;
    rest_ = other.rest_;
    be_filled();
    return *this;
  }
  ~tracked_item() {
    if (state_ != living) {
      census::note(census::destroyed_twice);
      return;
    }
    if (self_ != this) census::note(census::moved_by_bytes);
    be_emptied();
    state_ = dead;
    census::alive.fetch_sub(1, std::memory_order_relaxed);  // see census
  }

  [[nodiscard]] bool whole() const noexcept {
    for (std::size_t i = 0; i < rest_.size(); ++i)
      if (rest_[i] != fingerprint(key, i)) return false;
    return state_ == living;
  }

  item_key key;

 private:
  static constexpr std::uint64_t living = 0x616c697665616c69U;
  static constexpr std::uint64_t dead = 0x6465616464656164U;
  static constexpr item_key hollow = ~item_key{0} - 1;  // looks like no item at all

  /// The key has already been taken over. The item that was moved from is hollow, so that as many are filled
  /// as before.
  void take_content(tracked_item& other) noexcept {
    constexpr std::size_t half = 2;
    for (std::size_t i = 0; i < half; ++i) rest_[i] = other.rest_[i];
    half_way::pass();
    for (std::size_t i = half; i < rest_.size(); ++i) rest_[i] = other.rest_[i];
    other.key = hollow;
    other.rest_.fill(0);
  }
  void be_born() noexcept {
    state_ = living;
    self_ = this;
    census::alive.fetch_add(1, std::memory_order_relaxed);  // see census
  }
  void be_filled() const noexcept {
    if (key != hollow) census::filled.fetch_add(1, std::memory_order_relaxed);  // see census
  }
  void be_emptied() const noexcept {
    if (key != hollow) census::filled.fetch_sub(1, std::memory_order_relaxed);  // see census
  }
  void check_alive() const noexcept {
    if (state_ != living)
      census::note(census::used_while_dead);
    else if (self_ != this)
      census::note(census::moved_by_bytes);
  }

  std::array<std::uint64_t, 5> rest_{};
  const void* self_ = nullptr;
  volatile std::uint64_t state_ = dead;  // volatile: a destructor's last store must be written
};
static_assert(sizeof(word_item) == 8 && sizeof(block_item) == 64 && sizeof(tracked_item) == 64);
static_assert(std::is_trivially_copyable_v<block_item> && !std::is_copy_constructible_v<block_item>);

/// For queues that sort: the smaller key is the more urgent one.
template <class T>
concept keyed_item = requires(const T& item) {
  { item.key } -> std::convertible_to<item_key>;
  { item.whole() } -> std::same_as<bool>;
};
template <keyed_item T>
bool operator<(const T& a, const T& b) noexcept {
  return a.key < b.key;
}

struct move_failed : std::runtime_error {
  move_failed() : std::runtime_error("this move was told to throw") {}
};

/// Like tracked_item, but a move can be told to throw before it has done anything.
class throwing_item {
 public:
  throwing_item() : throwing_item(0) {}
  explicit throwing_item(item_key k) noexcept : key(k), content_(k) {}
  // NOLINTNEXTLINE(performance-noexcept-move-constructor): throwing is its purpose
  throwing_item(throwing_item&& other) : key(other.checked().key), content_(std::move(other.content_)) {
    other.key = ~item_key{0};
  }
  // NOLINTNEXTLINE(performance-noexcept-move-constructor): as above
  throwing_item& operator=(throwing_item&& other) {
    other.checked();
    content_ = std::move(other.content_);
    key = other.key;
    if (this != &other) other.key = ~item_key{0};
    return *this;
  }
  ~throwing_item() = default;

  [[nodiscard]] bool whole() const noexcept { return content_.whole() && content_.key == key; }

  /// The calling thread's move number `moves` from now (0: the next) throws, and only that one.
  static void throw_after(std::int64_t moves) noexcept { countdown_ = moves; }
  static void throw_never() noexcept { countdown_ = -1; }

  item_key key;

 private:
  throwing_item& checked() {
    if (countdown_ >= 0 && countdown_-- == 0) throw move_failed();
    return *this;
  }

  inline static thread_local std::int64_t countdown_ = -1;  // moves until one throws; below 0: none does
  tracked_item content_;
};

}  // namespace handoff::testing_support
