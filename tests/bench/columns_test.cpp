#include "bench/rows/columns.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/bench/csv_reader.hpp"
#include "tests/bench/fake_catalog.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using harness::sample;
using nlohmann::json;

// Schema version 2. Scripts and old runs rely on it: a new column goes to the end, a changed meaning raises
// the version.
constexpr auto header_of_schema_2 =
    "schema,run,block,sample,seed,cell,scenario,backend,control,ordering,wait,stop,producers,consumers,"
    "capacity,"
    "item_bytes,work_producer_ns,work_consumer_ns,rate,rate_items_per_second,pinning,oversubscribed,items,"
    "status,"
    "detail,seconds,items_per_second,push_failed,pop_failed,latency_count,latency_p50_ns,latency_p90_ns,"
    "latency_p99_ns,latency_p999_ns,latency_max_ns,join_ns,task_done_ns,shutdown_ns,threads_joined_ns,clock_"
    "ns,"
    "cpu_user_s,cpu_system_s,switches_voluntary,switches_involuntary,steal_s,fairness_producers,"
    "fairness_consumers,peak_rss_bytes,item\n";

planned_cell cell_of(const std::string& table) {
  return plan_of("[[cells]]\n" + table, fake_catalog()).front();
}

TEST(columns, the_header_is_that_of_schema_2) { EXPECT_EQ(samples_header(), header_of_schema_2); }

TEST(columns, a_full_row_has_every_value_in_its_place) {
  const auto cell = cell_of(
      "scenario = \"paced\"\nbackends = \"tickets\"\nwaits = \"park\"\nshapes = [[3, 4]]\ncapacity = 16\n"
      "item_bytes = 64\nwork_producer_ns = 100\nwork_consumer_ns = 200\nrate = 0.8\npinning = \"compact\"\n");
  sample s;
  s.items = 1000;
  s.seconds = 0.05;
  s.items_per_second = 20000;
  s.rate_items_per_second = 20000.5;
  s.push_failed = 1;
  s.pop_failed = 2;
  s.latency = {.count = 1000, .p50 = 50, .p90 = 90.5, .p99 = 99, .p999 = std::nullopt, .max = 2e6};
  s.join_ns = 10;
  s.task_done_ns = 0.5;
  s.shutdown_ns = 20;
  s.threads_joined_ns = 30;
  s.clock_ns = 23.3125;
  s.resources = {.cpu_user_s = 0.25,
                 .cpu_system_s = 0,
                 .switches_voluntary = 7,
                 .switches_involuntary = 8,
                 .steal_s = 0.01,
                 .peak_rss_bytes = 4096};
  s.fairness_producers = 0.9;
  s.fairness_consumers = 1;
  EXPECT_EQ(
      sample_row({.run = "r1", .block = 3, .sample = 2, .seed = 42}, cell, s),
      "2,r1,3,2,42,paced/tickets/p:3/c:4/cap:16/bytes:64/wait:park/rate:0.8/work:100-200/pin:compact,paced,"
      "tickets,0,fifo,park,,3,4,16,64,100,200,0.8,20000.5,compact,1,1000,ok,,0.05,20000,1,2,1000,50,90.5,99,,"
      "2000000,10,0.5,20,30,23.3125,0.25,0,7,8,0.01,0.9,1,4096,trivial\n");
}

TEST(columns, what_does_not_apply_is_empty_and_never_zero) {
  auto cell = cell_of(
      "scenario = \"shutdown\"\nbackends = \"endless\"\nitem_bytes = \"move_only\"\nstop = \"relay\"\n");
  cell.what.control = true;
  sample s;
  s.status = harness::sample_status::crashed;
  s.detail = "it said \"no\", and left";
  EXPECT_EQ(sample_row({.run = "a,b"}, cell, s),
            "2,\"a,b\",1,1,0,shutdown/endless/p:1/c:1/cap:-/bytes:move_only/wait:spin/"
            "stop:relay,shutdown,endless,1,"
            "per_producer_fifo,spin,relay,1,1,,8,0,0,,,none,0,,crashed,\"it said \"\"no\"\", and left\""
            ",,,,,,,,,,,,,,,,,,,,,,,,move_only\n");
}

TEST(columns, a_row_has_as_many_fields_as_the_header) {
  const auto header = parse_csv(samples_header()).front();
  const auto cell = cell_of("scenario = \"throughput\"\n");
  EXPECT_EQ(parse_csv(sample_row({}, cell, {})).front().size(), header.size());
}

TEST(columns, the_list_of_cells_has_the_identity_columns_and_what_becomes_of_them) {
  const auto cells =
      plan_of("[[cells]]\nscenario = \"join\"\nbackends = [\"tickets\", \"missing\"]\nwaits = \"native\"\n",
              fake_catalog());
  EXPECT_EQ(
      cell_list_csv(cells),
      "cell,scenario,backend,control,ordering,wait,stop,producers,consumers,capacity,item_bytes,"
      "work_producer_ns,work_consumer_ns,rate,pinning,oversubscribed,item,status,detail,estimate_s,timeout_"
      "s\n"
      "join/tickets/p:1/c:1/cap:1024/bytes:8/wait:native,join,tickets,0,fifo,native,,1,1,1024,8,0,0,,none,0,"
      "trivial,skipped,not joinable,0,0\n"
      "join/missing/p:1/c:1/cap:1024/bytes:8/wait:-,join,missing,0,,,,1,1,1024,8,0,0,,none,0,"
      "trivial,unavailable,needs libmissing-dev,0,0\n");
}

TEST(columns, measured_values_are_read_from_json) {
  sample s;
  EXPECT_EQ(read_measured("items", 12U, s), "");
  EXPECT_EQ(read_measured("seconds", 0.25, s), "");
  EXPECT_EQ(read_measured("clock_ns", 23, s), "");
  EXPECT_EQ(read_measured("latency_count", 7U, s), "");
  EXPECT_EQ(read_measured("latency_p99_ns", 99.5, s), "");
  EXPECT_EQ(read_measured("cpu_user_s", 0.5, s), "");
  EXPECT_EQ(read_measured("status", "unsustained", s), "");
  EXPECT_EQ(read_measured("detail", "kept 90 %", s), "");
  EXPECT_EQ(s.items, 12U);
  EXPECT_EQ(s.seconds, 0.25);
  EXPECT_EQ(s.clock_ns, 23);
  EXPECT_EQ(s.latency.value().count, 7U);
  EXPECT_EQ(s.latency.value().p99, 99.5);
  EXPECT_EQ(s.resources.value().cpu_user_s, 0.5);
  EXPECT_EQ(s.status, harness::sample_status::unsustained);
  EXPECT_EQ(s.detail, "kept 90 %");
}

TEST(columns, only_a_difference_may_be_negative) {
  sample s;
  EXPECT_EQ(read_measured("task_done_ns", -2.5, s), "");
  EXPECT_EQ(s.task_done_ns, -2.5);
  EXPECT_EQ(read_measured("task_done_ns", std::numeric_limits<double>::infinity(), s),
            "task_done_ns is null");
  EXPECT_EQ(read_measured("join_ns", -5, s), "join_ns is -5");
}

TEST(columns, a_measured_value_of_another_type_is_refused) {
  sample s;
  EXPECT_EQ(read_measured("items", "many", s), "items is \"many\"");
  EXPECT_EQ(read_measured("items", "12", s), "items is \"12\"");
  EXPECT_EQ(read_measured("items", 1.5, s), "items is 1.5");
  EXPECT_EQ(read_measured("items", 1.0, s), "items is 1.0");
  EXPECT_EQ(read_measured("items", -1, s), "items is -1");
  EXPECT_EQ(read_measured("items", nullptr, s), "items is null");
  EXPECT_EQ(read_measured("seconds", "0.1", s), "seconds is \"0.1\"");
  EXPECT_EQ(read_measured("seconds", true, s), "seconds is true");
  EXPECT_EQ(read_measured("latency_p50_ns", json::array({1}), s), "latency_p50_ns is [1]");
  EXPECT_EQ(read_measured("steal_s", nullptr, s), "steal_s is null");
  EXPECT_EQ(read_measured("status", "fine", s), "status is \"fine\"");
  EXPECT_EQ(read_measured("status", 1, s), "status is 1");
  EXPECT_EQ(read_measured("detail", 1, s), "detail is 1");
}

TEST(columns, a_wrong_value_of_any_length_makes_a_short_sentence) {
  sample s;
  EXPECT_EQ(read_measured("items", std::string(1000, 'x'), s),
            "items is \"" + std::string(59, 'x') + "\u2026");
}

TEST(columns, only_measured_columns_are_a_peers_business) {
  sample s;
  EXPECT_EQ(read_measured("itms", 1, s), "'itms' is not a measured column (did you mean 'items'?)");
  EXPECT_NE(read_measured("backend", "x", s), "");
}

}  // namespace
}  // namespace handoff::bench
