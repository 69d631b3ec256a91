#include "harness/trees/splittable_random.hpp"

#include <nettle/sha1.h>

#include <cstddef>

namespace handoff::harness {

namespace {

constexpr std::size_t bytes_in_word = 4;
constexpr unsigned bits_in_byte = 8;

/// The hash of a message of `Words` words. A message so short is one block, which is padded here: nettle's
/// own buffering would take as long again as the hash.
template <std::size_t Words>
random_state hash_of(const std::array<std::uint32_t, Words>& message) noexcept {
  static_assert(Words <= 13, "the message, its end and its length fit into one block");
  std::array<std::uint8_t, SHA1_BLOCK_SIZE> block{};
  std::uint8_t* byte = block.data();
  for (const std::uint32_t word : message)
    for (unsigned shift = 32; shift > 0; shift -= bits_in_byte)
      *byte++ = static_cast<std::uint8_t>(word >> (shift - bits_in_byte));
  *byte = 0x80;
  constexpr std::size_t bits = Words * bytes_in_word * bits_in_byte;
  block[SHA1_BLOCK_SIZE - 2] = static_cast<std::uint8_t>(bits >> bits_in_byte);
  block[SHA1_BLOCK_SIZE - 1] = static_cast<std::uint8_t>(bits & 0xff);
  random_state hash{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  nettle_sha1_compress(hash.data(), block.data());
  return hash;
}

}  // namespace

random_state random_root(std::uint32_t seed) noexcept {
  return hash_of(std::array<std::uint32_t, 5>{0, 0, 0, 0, seed});
}

random_state random_child(const random_state& parent, std::uint32_t index) noexcept {
  return hash_of(std::array<std::uint32_t, 6>{parent[0], parent[1], parent[2], parent[3], parent[4], index});
}

}  // namespace handoff::harness
