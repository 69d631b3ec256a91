// Items, roles and names: which producer pushed what, which worker has which role, and how a cell is named.
#include "harness/item.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/cell.hpp"
#include "harness/threads/roles.hpp"

namespace handoff::harness_tests {

namespace {

using namespace harness;  // NOLINT(google-build-using-namespace): every name here is the harness's

const std::vector<std::pair<unsigned, std::uint64_t>> corners{
    {0, 0}, {0, 1}, {1, 0}, {63, 1'000'000'007}, {65534, (std::uint64_t{1} << 48) - 1}};

TEST(item_key, gives_producer_and_sequence_back) {
  for (const auto& [producer, sequence] : corners) {
    EXPECT_EQ(producer_of(make_key(producer, sequence)), producer);
    EXPECT_EQ(sequence_of(make_key(producer, sequence)), sequence);
    EXPECT_NE(make_key(producer, sequence), marker_key);
  }
}

template <class T>
class item_codec_of : public testing::Test {};
using item_types = testing::Types<item_8, item_64, item_move_only>;
TYPED_TEST_SUITE(item_codec_of, item_types);

TYPED_TEST(item_codec_of, reads_back_what_it_made) {
  using codec = item_codec<TypeParam>;
  for (const auto& [producer, sequence] : corners) {
    const item_key key = make_key(producer, sequence);
    auto item = codec::make(key);
    EXPECT_EQ(codec::key(item), key);
    EXPECT_TRUE(codec::intact(item));
    const TypeParam moved = std::move(item);
    EXPECT_EQ(codec::key(moved), key);
    EXPECT_TRUE(codec::intact(moved));
  }
  EXPECT_EQ(codec::key(codec::make(marker_key)), marker_key);
  EXPECT_TRUE(codec::intact(codec::make(marker_key)));
}

TEST(item_64, is_not_intact_with_any_one_bit_changed) {
  const item_64 whole = item_codec<item_64>::make(make_key(3, 12345));
  for (std::size_t word = 0; word < whole.words.size(); ++word)
    for (unsigned bit = 0; bit < 64; ++bit) {
      item_64 torn = whole;
      torn.words[word] ^= std::uint64_t{1} << bit;
      ASSERT_FALSE(item_codec<item_64>::intact(torn)) << word << ' ' << bit;
    }
}

TEST(item_64, is_not_intact_with_words_of_a_neighbour) {
  using codec = item_codec<item_64>;
  const item_64 one = codec::make(make_key(0, 1)), other = codec::make(make_key(0, 2));
  for (unsigned mask = 1; mask < 255; ++mask) {  // 0 and 255 are whole
    item_64 torn = one;
    for (std::size_t word = 0; word < torn.words.size(); ++word)
      if ((mask >> word & 1) != 0) torn.words[word] = other.words[word];
    ASSERT_FALSE(codec::intact(torn)) << mask;
  }
  EXPECT_FALSE(codec::intact(item_64{}));
}

TEST(item_move_only, that_arrives_empty_is_not_intact) {
  EXPECT_FALSE(item_codec<item_move_only>::intact(item_move_only{}));
}

TEST(item_bytes, are_the_sizes_that_names_promise) {
  EXPECT_EQ(item_bytes(item_kind::bytes_8), 8u);
  EXPECT_EQ(item_bytes(item_kind::bytes_64), 64u);
  EXPECT_EQ(std::to_string(item_bytes(item_kind::node)), to_string(item_kind::node));
  EXPECT_EQ(item_bytes(item_kind::move_only), sizeof(void*));
}

TEST(role_of, gives_everybody_exactly_one_role) {
  for (unsigned producers = 1; producers <= 9; ++producers)
    for (unsigned consumers = 1; consumers <= 9; ++consumers) {
      std::set<unsigned> producing, consuming;
      for (unsigned worker = 0; worker < producers + consumers; ++worker) {
        const role r = role_of(worker, producers, consumers);
        EXPECT_TRUE((r.produces ? producing : consuming).insert(r.index).second);
        EXPECT_LT(r.index, r.produces ? producers : consumers);
      }
      EXPECT_EQ(producing.size(), producers);
      EXPECT_EQ(consuming.size(), consumers);
    }
}

TEST(role_of, makes_neighbours_partners) {
  for (unsigned worker = 0; worker < 6; ++worker) {
    EXPECT_EQ(role_of(worker, 3, 5).produces, worker % 2 == 0);
    EXPECT_EQ(role_of(worker, 3, 5).index, worker / 2);
  }
  EXPECT_FALSE(role_of(6, 3, 5).produces);
  EXPECT_TRUE(role_of(6, 5, 3).produces);
}

/// All axes crossed.
std::vector<cell> many_cells() {
  std::vector<cell> cells(1);
  const auto cross = [&cells](auto values, auto set) {
    std::vector<cell> crossed;
    for (const cell& c : cells)
      for (const auto& value : values) set(crossed.emplace_back(c), value);
    cells = std::move(crossed);
  };
  using std::optional;
  using std::vector;
  cross(scenario_words.values(), [](cell& c, auto v) { c.scenario = v; });
  cross(vector<std::string>{"a", "a_b"}, [](cell& c, auto v) { c.backend = v; });
  cross(vector<optional<wait_kind>>{wait_kind::spin, std::nullopt}, [](cell& c, auto v) { c.wait = v; });
  cross(vector{1u, 11u}, [](cell& c, auto v) { c.producers = v; });
  cross(vector{1u, 11u}, [](cell& c, auto v) { c.consumers = v; });
  cross(vector<optional<std::size_t>>{1, 1024, std::nullopt}, [](cell& c, auto v) { c.capacity = v; });
  cross(item_kind_words.values(), [](cell& c, auto v) { c.item = v; });
  cross(vector<std::pair<unsigned, unsigned>>{{0, 0}, {1, 0}, {0, 1}, {11, 1}, {1, 11}}, [](cell& c, auto v) {
    c.work_producer_ns = v.first;
    c.work_consumer_ns = v.second;
  });
  cross(vector<optional<double>>{std::nullopt, 0.5}, [](cell& c, auto v) { c.rate = v; });
  cross(vector<optional<tree_name>>{std::nullopt, tree_name::uts_t1}, [](cell& c, auto v) { c.tree = v; });
  cross(vector<optional<stop_protocol>>{std::nullopt, stop_protocol::close},
        [](cell& c, auto v) { c.stop = v; });
  cross(pinning_words.values(), [](cell& c, auto v) { c.pin = v; });
  cross(vector{false, true}, [](cell& c, auto v) { c.control = v; });
  return cells;
}

TEST(name_of, is_another_for_every_cell) {
  const std::vector<cell> cells = many_cells();
  std::set<std::string> names;
  for (const cell& c : cells) names.insert(name_of(c));
  EXPECT_EQ(names.size(), cells.size());
}

TEST(name_of, holds_every_axis_in_its_place) {
  cell c{.scenario = scenario::shutdown,
         .backend = "moodycamel",
         .wait = wait_kind::yield,
         .producers = 3,
         .consumers = 4,
         .capacity = 16,
         .item = item_kind::move_only,
         .work_producer_ns = 100,
         .work_consumer_ns = 200,
         .rate = 0.5,
         .stop = stop_protocol::join_cancel,
         .tree = tree_name::uts_t3,
         .pin = pinning::compact,
         .control = true};
  EXPECT_EQ(
      name_of(c),
      "shutdown/moodycamel/p:3/c:4/cap:16/bytes:move_only/wait:yield/stop:join_cancel/rate:0.5/tree:uts_t3/"
      "work:100-200/pin:compact/control:1");
}

TEST(name_of, leaves_out_what_does_not_apply) {
  cell c;
  c.backend = "mutex_condvar";
  c.wait = wait_kind::native;
  c.capacity = 1024;
  EXPECT_EQ(name_of(c), "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native");
  c.capacity.reset();
  c.wait.reset();
  c.item = item_kind::bytes_64;
  EXPECT_EQ(name_of(c), "throughput/mutex_condvar/p:1/c:1/cap:-/bytes:64/wait:-");
  c.work_consumer_ns = 7;
  EXPECT_EQ(name_of(c), "throughput/mutex_condvar/p:1/c:1/cap:-/bytes:64/wait:-/work:0-7");
}

TEST(to_string, is_another_word_for_every_value) {
  std::set<std::string_view> words;
  for (const scenario v : scenario_words.values()) words.insert(to_string(v));
  for (const stop_protocol v : stop_protocol_words.values()) words.insert(to_string(v));
  for (const pinning v : pinning_words.values()) words.insert(to_string(v));
  for (const item_kind v : item_kind_words.values()) words.insert(to_string(v));
  for (const tree_name v : tree_name_words.values()) words.insert(to_string(v));
  EXPECT_EQ(words.size(), scenario_words.values().size() + stop_protocol_words.values().size() +
                              pinning_words.values().size() + item_kind_words.values().size() +
                              tree_name_words.values().size());
  for (const std::string_view word : words) EXPECT_EQ(word.find("invalid"), std::string_view::npos);
}

}  // namespace

}  // namespace handoff::harness_tests
