// What travels through the queues. Every item carries a key, its producer and its sequence number, so that a
// consumer can prove what arrived.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace handoff::harness {

/// Producer in the upper 16 bits, sequence number below.
using item_key = std::uint64_t;

inline constexpr unsigned sequence_bits = 48;
/// The end marker: the last key of a producer that no cell has.
inline constexpr item_key marker_key = ~item_key{0};

constexpr item_key make_key(unsigned producer, std::uint64_t sequence) noexcept {
  return (static_cast<item_key>(producer) << sequence_bits) | sequence;
}
constexpr unsigned producer_of(item_key key) noexcept { return static_cast<unsigned>(key >> sequence_bits); }
constexpr std::uint64_t sequence_of(item_key key) noexcept {
  return key & ((item_key{1} << sequence_bits) - 1);
}

/// 8 bytes: the key and nothing else.
using item_8 = std::uint64_t;

/// 64 bytes, every word derived from the key, so that a torn copy is seen.
struct item_64 {
  std::array<std::uint64_t, 8> words{};

  /// By key, for priority queues.
  friend bool operator<(const item_64& a, const item_64& b) noexcept { return a.words[0] < b.words[0]; }
};

/// Cannot be copied: the key lies on the heap. Its allocation and release are part of what a cell measures.
struct item_move_only {
  std::unique_ptr<item_key> key;

  friend bool operator<(const item_move_only& a, const item_move_only& b) noexcept { return *a.key < *b.key; }
};

/// How an item is made from a key and read back. `intact` is false if the bytes do not belong together.
template <class T>
struct item_codec;

template <>
struct item_codec<item_8> {
  static item_8 make(item_key key) noexcept { return key; }
  static item_key key(const item_8& item) noexcept { return item; }
  static bool intact(const item_8&) noexcept { return true; }
};

template <>
struct item_codec<item_64> {
  static item_64 make(item_key key) noexcept {
    item_64 item;
    for (std::size_t i = 0; i < item.words.size(); ++i) item.words[i] = word(key, i);
    return item;
  }
  static item_key key(const item_64& item) noexcept { return item.words[0]; }
  static bool intact(const item_64& item) noexcept {
    std::uint64_t difference = 0;
    for (std::size_t i = 1; i < item.words.size(); ++i) difference |= item.words[i] ^ word(item.words[0], i);
    return difference == 0;
  }

 private:
  static constexpr std::uint64_t word(item_key key, std::size_t index) noexcept {
    return key ^ (index * 0x9e3779b97f4a7c15U);
  }
};

template <>
struct item_codec<item_move_only> {
  static item_move_only make(item_key key) { return {std::make_unique<item_key>(key)}; }
  static item_key key(const item_move_only& item) noexcept { return item.key ? *item.key : 0; }
  static bool intact(const item_move_only& item) noexcept { return item.key != nullptr; }
};

}  // namespace handoff::harness
