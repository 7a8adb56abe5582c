// SPDX-License-Identifier: GPL-2.0-only
// The listener's side of the dialogue: what is said, what is answered, and what is not put up with.
#include "core/listen.h"

#include <gmock/gmock.h>

#include "expect.h"
#include "test_packets.h"

namespace zc::core {
namespace {

using Kind = api::TestEvent::Kind;
using std::chrono::milliseconds;
using testing::HasSubstr;

class ListenTest : public testing::Test {
 protected:
  std::vector<Listening::Reply> on(const api::TestEvent& event, int after_ms = 1) {
    now_ += milliseconds(after_ms);
    return listening_.on(event, now_, missed_);
  }
  std::string say(const std::string& line, uint32_t session = 1) {
    const auto replies = on({Kind::kLine, session, line});
    return replies.empty() ? "" : replies.front().line;
  }
  void join(uint32_t session = 1) { on({Kind::kJoined, session, "10.0.0.1:50000"}); }
  void begin(const std::string& test = "test number=1 packets=3 pt=96 ssrc=3735928559 way=sum") {
    join();
    EXPECT_EQ(say("hello version=1"), "welcome token=81985529216486895 version=1");
    EXPECT_EQ(say(test), "ready number=1");
  }
  void arrives(const std::vector<uint8_t>& packet) {
    EXPECT_TRUE(on({Kind::kPacket, 0, {}, packet}).empty());
  }

  Listening listening_{[] { return kTestToken; }};
  Listening::Time now_{};
  uint64_t missed_ = 7;
};

TEST_F(ListenTest, TalliesWhatArrivedWhenNothingMoreComes) {
  begin();
  arrives(from_hex(kTestIpv4));
  missed_ = 9;
  EXPECT_EQ(say("done number=1"), "");
  EXPECT_TRUE(on({}, 200).empty()) << "more may come";
  const auto replies = on({}, 200);
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].line,
            "tally arrived=1 bad_header=0 bad_payload=0 bare=0 duplicate=0 largest=71 merged=0 "
            "missed=2 number=1 reordered=0 right=1 source=10.0.0.1:40000 unfinished=0 wrong_sum=0");
  EXPECT_FALSE(replies[0].hang_up);
  on({Kind::kLeft, 1});
  const auto ended = listening_.take_ended();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].peer, "10.0.0.1:50000");
  EXPECT_EQ(ended[0].announced, 3U);
  EXPECT_EQ(ended[0].right, 1U);
  EXPECT_TRUE(listening_.take_ended().empty());
}

TEST_F(ListenTest, TalliesAtOnceWhereAllArrived) {
  begin("test number=1 packets=1 pt=96 ssrc=3735928559 way=sum");
  say("done number=1");
  EXPECT_TRUE(on({}, 10).empty());
  begin("test number=1 packets=3 pt=96 ssrc=3735928559 way=sum");
}

TEST_F(ListenTest, CountsPacketsThatNoSessionKnows) {
  std::vector<uint8_t> other = from_hex(kTestIpv4);
  arrives(other);
  begin();
  other[kTestPayloadAt + 15] ^= 1;  // another token
  arrives(other);
  arrives({});
  arrives(std::vector<uint8_t>(2000, 0xff));
  EXPECT_EQ(listening_.foreign(), 4U);
}

TEST_F(ListenTest, HangsUpOnWhatItDoesNotUnderstand) {
  for (const std::string line :
       {"", "GET / HTTP/1.1", "hello", "hello version=2", "hello version=x", "done number=1",
        "test number=1 packets=3 pt=96 ssrc=1 way=sum", "\xff\xfe", "hello version=1\r\x1b"}) {
    join();
    const auto replies = on({Kind::kLine, 1, line});
    ASSERT_EQ(replies.size(), 1U) << line;
    EXPECT_THAT(replies[0].line, HasSubstr("refused why=")) << line;
    EXPECT_TRUE(replies[0].hang_up) << line;
  }
  EXPECT_TRUE(listening_.take_ended().empty()) << "nothing was tested";
}

TEST_F(ListenTest, RefusesTestsThatAreTooLargeOrUnknown) {
  for (const std::string test :
       {"packets=2001 pt=96 ssrc=1 way=sum", "packets=1 pt=128 ssrc=1 way=sum",
        "packets=1 pt=96 ssrc=4294967296 way=sum", "packets=1 pt=96 ssrc=1 way=auto",
        "packets=1 pt=96 ssrc=1"}) {
    join();
    say("hello version=1");
    EXPECT_THAT(say("test number=1 " + test), HasSubstr("refused")) << test;
  }
}

TEST_F(ListenTest, TakesSixteenAtATimeAndNobodyForEver) {
  for (uint32_t session = 1; session <= 16; session++)
    join(session);
  const auto busy = on({Kind::kJoined, 17, "10.0.0.3:1"});
  ASSERT_EQ(busy.size(), 1U);
  EXPECT_EQ(busy[0].line, "refused why=busy");
  EXPECT_TRUE(busy[0].hang_up);
  const auto silent = on({}, 30000);
  EXPECT_EQ(silent.size(), 16U);
  for (const auto& reply : silent)
    EXPECT_TRUE(reply.hang_up);
  EXPECT_TRUE(on({Kind::kJoined, 18, "10.0.0.3:1"}).empty());
}

TEST(ListenWordsTest, AddressAndPortMayBeLeftAway) {
  EXPECT_EQ(value_of(parse_listen("")).port, 47000);
  EXPECT_EQ(value_of(parse_listen(":5000")).port, 5000);
  EXPECT_FALSE(value_of(parse_listen(":5000")).at);
  const ListenRequest both = value_of(parse_listen("[fd00::2]:5000"));
  EXPECT_EQ(both.at->text(), "fd00::2");
  EXPECT_EQ(both.port, 5000);
  EXPECT_EQ(value_of(parse_listen("10.0.0.2")).port, 47000);
  for (const char* const wrong : {":0", ":65536", ":x", "host", "10.0.0.2:", "0.0.0.0"})
    EXPECT_EQ(parse_listen(wrong).error().kind, ErrorKind::kUsage) << wrong;
  expect_error(parse_listen("239.0.0.1"), ErrorKind::kUsage, "is a group", "this host");
}

TEST(DialogueTest, TalliesComeBackAsTheyWere) {
  Tally tally;
  tally.arrived = 3;
  tally.wrong_sum = UINT64_MAX;
  tally.source = "[fd00::1]:5";
  const auto line = parse_line(to_line(9, tally).text());
  ASSERT_TRUE(line);
  EXPECT_EQ(read_tally(*line, 9), tally);
  EXPECT_FALSE(read_tally(*line, 8)) << "of another test";
  EXPECT_FALSE(read_tally(Line{"tally"}.add("number", 9), 9)) << "counts are missing";
  EXPECT_FALSE(parse_line("a b"));
}

}  // namespace
}  // namespace zc::core
