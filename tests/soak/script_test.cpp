// SPDX-License-Identifier: GPL-2.0-only
// The script: what is sent and what is expected are the same bytes.
#include <gtest/gtest.h>

#include <set>

#include "soak/script.h"

namespace zc::test {
namespace {

TEST(ScriptTest, TheDatagramsOfACallAreItsBytesCutAtTheSegmentSize) {
  const SoakStream stream{.segment = 1000, .calls = {2500, 1000}};
  Datagrams datagrams(stream, 6000);
  const std::vector<std::pair<size_t, size_t>> wanted{
      {0, 1000},    {1000, 1000}, {2000, 500}, {2500, 1000},  // two calls
      {3500, 1000}, {4500, 1000}, {5500, 500},                // to the file's end
      {0, 1000}};                                             // and from its beginning
  for (const auto& [offset, bytes] : wanted) {
    const Part part = datagrams.next();
    EXPECT_EQ(part.offset, offset);
    EXPECT_EQ(part.bytes, bytes);
  }
  EXPECT_EQ(datagrams_of(stream, 2500), 3U);
  EXPECT_EQ(datagrams_of({.segment = 0, .calls = {}}, 2500), 1U);
}

TEST(ScriptTest, StreamsHaveTheirOwnPortsAndEveryRuleHasEveryManner) {
  const auto streams = soak_streams(200);
  std::set<uint16_t> ports;
  std::set<std::tuple<size_t, Way, unsigned>> kinds;
  for (const SoakStream& stream : streams) {
    ports.insert(stream.source_port);
    kinds.insert({stream.rule, stream.way, stream.segment});
    EXPECT_EQ(stream.port, soak_rules()[stream.rule].port);
    for (const unsigned bytes : stream.calls) {
      EXPECT_LE(bytes, 65'507U);
      EXPECT_LE(datagrams_of(stream, bytes), 64U);
    }
  }
  EXPECT_EQ(ports.size(), 200U);
  EXPECT_GE(kinds.size(), soak_rules().size() * 9);
}

}  // namespace
}  // namespace zc::test
