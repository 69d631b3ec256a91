#include "bench/contenders/peer_messages.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "harness/axes.hpp"

namespace handoff::bench {
namespace {

using namespace std::chrono_literals;
using harness::sample_status;

/// What is wrong with the line as the answer to request 7.
template <class Read>
std::string complaint(Read read, const std::string& line) {
  try {
    read(line, 7);
  } catch (const std::invalid_argument& wrong) {
    return wrong.what();
  }
  return "";
}

TEST(peer_messages, the_axes_of_a_cell_are_fields_of_the_request) {
  harness::cell c;
  c.scenario = harness::scenario::shutdown;
  c.producers = 2;
  c.consumers = 3;
  c.capacity = 16;
  c.item = harness::item_kind::move_only;
  c.work_producer_ns = 100;
  c.stop = harness::stop_protocol::close;
  EXPECT_EQ(open_request(2, c, {.sample_length = 20ms, .seed = 7}),
            R"({"id":2,"request":"open","scenario":"shutdown","producers":2,"consumers":3,"capacity":16,)"
            R"("item_bytes":"move_only","stop":"close","work_producer_ns":100,"sample_ms":20.0,"seed":7})"
            "\n");
  c = {};
  c.scenario = harness::scenario::paced;
  c.rate = 0.5;
  EXPECT_NE(open_request(2, c, {}).find(R"("item_bytes":"8","rate":0.5,"sample_ms")"), std::string::npos);
}

TEST(peer_messages, an_axis_is_told_unless_it_is_the_drivers_own_or_as_in_any_cell) {
  const std::string plain = open_request(2, {}, {});
  for (const auto& axis : harness::axes()) {
    const auto field = '"' + std::string(axis.key) + "\":";
    EXPECT_EQ(plain.find(field) != std::string::npos,
              axis.always_named && axis.key != "wait" && axis.key != "capacity")
        << axis.key;
  }
  harness::cell c;
  c.wait = wait_kind::loop;
  c.pin = harness::pinning::compact;
  c.control = true;
  EXPECT_EQ(open_request(2, c, {}), plain);
}

TEST(peer_messages, the_other_requests_say_what_they_are) {
  EXPECT_EQ(hello_request(1), "{\"id\":1,\"request\":\"hello\",\"protocol\":1}\n");
  EXPECT_EQ(sample_request(3), "{\"id\":3,\"request\":\"sample\"}\n");
}

TEST(peer_messages, a_hello_has_a_name_and_a_version) {
  const auto identity = read_hello(R"({"id":7,"protocol":1,"name":"CPython","version":"3.13"})", 7);
  EXPECT_EQ(identity.name, "CPython");
  EXPECT_EQ(identity.version, "3.13");
  const auto wrong = [](const std::string& line) { return complaint(read_hello, line); };
  EXPECT_EQ(wrong(R"({"id":7})"), "there is no field 'protocol'");
  EXPECT_EQ(wrong(R"({"id":7,"protocol":"1"})"), "it speaks protocol \"1\" instead of 1");
  EXPECT_EQ(wrong(R"({"id":7,"protocol":1,"name":"n"})"), "there is no field 'version'");
  EXPECT_EQ(wrong(R"({"id":7,"protocol":1,"name":"","version":"v"})"), "name is \"\"");
  EXPECT_EQ(wrong(R"({"id":7,"protocol":1,"name":"n","version":3})"), "version is 3");
  EXPECT_EQ(wrong(R"({"id":7,"protocol":1,"name":"n","version":"v","colour":"red"})"),
            "unknown field 'colour'");
}

TEST(peer_messages, an_opened_cell_has_a_status_and_a_reason) {
  EXPECT_EQ(read_opened(R"({"id":7,"status":"ok"})", 7).status, sample_status::ok);
  const auto corrupt = read_opened(R"({"id":7,"status":"corrupt","detail":"lost one"})", 7);
  EXPECT_EQ(corrupt.status, sample_status::corrupt);
  EXPECT_EQ(corrupt.detail, "lost one");
  const auto wrong = [](const std::string& line) { return complaint(read_opened, line); };
  EXPECT_EQ(wrong(R"({"id":7,"status":"skipped"})"), "status skipped without a detail");
  EXPECT_EQ(wrong(R"({"id":7,"status":"unsustained","detail":"slow"})"),
            "status unsustained belongs to a sample");
  EXPECT_EQ(wrong(R"({"id":7,"status":"ok","items":5})"), "unknown field 'items'");
}

TEST(peer_messages, a_sample_is_its_measured_columns) {
  const auto s = read_sample(R"({"status":"ok","items":1000,"latency_p99_ns":12.5,"id":7})", 7);
  EXPECT_EQ(s.items, 1000U);
  EXPECT_EQ(s.latency.value().p99, 12.5);
}

TEST(peer_messages, what_is_wrong_with_a_sample_is_said) {
  const auto wrong = [](const std::string& line) { return complaint(read_sample, line); };
  EXPECT_EQ(wrong(""), "'' is not a JSON object");
  EXPECT_EQ(wrong("hello"), "'hello' is not a JSON object");
  EXPECT_EQ(wrong("[1]"), "'[1]' is not a JSON object");
  EXPECT_EQ(wrong(R"({"id":7,"status":"ok"} {})"), R"('{"id":7,"status":"ok"} {}' is not a JSON object)");
  EXPECT_EQ(wrong(R"({"id":7,"status":"ok","items":NaN})"),
            R"('{"id":7,"status":"ok","items":NaN}' is not a JSON object)");
  EXPECT_EQ(wrong("\x1b[31m" + std::string(1000, 'x')),
            "'\\x1b[31m" + std::string(55, 'x') + "\u2026' is not a JSON object");
  EXPECT_EQ(wrong(R"({"status":"ok"})"), "there is no field 'id'");
  EXPECT_EQ(wrong(R"({"id":8,"status":"ok"})"), "it answers request 8 instead of 7");
  EXPECT_EQ(wrong(R"({"id":"7","status":"ok"})"), "it answers request \"7\" instead of 7");
  EXPECT_EQ(wrong(R"({"id":7,"items":1,"items":2,"status":"ok"})"), "the field 'items' appears twice");
  EXPECT_EQ(wrong(R"({"id":7,"items":1})"), "there is no field 'status'");
  EXPECT_EQ(wrong(R"({"id":7,"status":"corrupt"})"), "status corrupt without a detail");
  EXPECT_EQ(wrong(R"({"id":7,"items":"many","status":"ok"})"), "items is \"many\"");
  EXPECT_EQ(wrong(R"({"id":7,"items":1,"status":"great"})"), "status is \"great\"");
  EXPECT_EQ(wrong(R"({"id":7,"itms":1,"status":"ok"})"),
            "'itms' is not a measured column (did you mean 'items'?)");
}

}  // namespace
}  // namespace handoff::bench
