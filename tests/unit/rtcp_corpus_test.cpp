// SPDX-License-Identifier: GPL-2.0-only
// The corpus of tests/fuzz, and many packets that are nearly those of it: the same in each run.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "../fuzz/rtcp_oracle.h"

namespace zc::test {
namespace {

using Bytes = std::vector<uint8_t>;

std::vector<Bytes> corpus() {
  std::ifstream file(ZC_RTCP_CORPUS);
  std::vector<Bytes> packets;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::erase(line, ' ');
    Bytes packet;
    for (size_t i = 0; i + 2 <= line.size(); i += 2)
      packet.push_back(static_cast<uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
    packets.push_back(packet);
  }
  return packets;
}

// Changes bytes and bits, cuts, doubles, and puts two together.
Bytes changed(Bytes bytes, const std::vector<Bytes>& all, std::mt19937& random) {
  for (auto times = random() % 4 + 1; times > 0 && !bytes.empty(); times--) {
    const size_t at = random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 1:
        bytes[at] ^= static_cast<uint8_t>(1U << random() % 8);
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes[at] = static_cast<uint8_t>(bytes[at] + (random() % 2 == 0 ? 1 : 255));
        break;
      case 4:
        bytes.insert(bytes.end(), random() % 32, static_cast<uint8_t>(random()));
        break;
      default: {
        const Bytes& other = all[random() % all.size()];
        bytes.insert(bytes.end(), other.begin(), other.end());
      }
    }
  }
  return bytes;
}

TEST(RtcpCorpus, HoldsForTheSeedsAndForWhatIsNearThem) {
  const std::vector<Bytes> seeds = corpus();
  ASSERT_GE(seeds.size(), 13U);
  std::mt19937 random(20361);
  for (const Bytes& seed : seeds) {
    ASSERT_EQ(rtcp_complaint(seed), "");
    for (int i = 0; i < 20'000; i++) {
      const Bytes bytes = changed(seed, seeds, random);
      ASSERT_EQ(rtcp_complaint(bytes), "") << testing::PrintToString(bytes);
    }
  }
}

// Else the corpus would prove little: all but the last two are taken.
TEST(RtcpCorpus, TheSeedsAreTaken) {
  const std::vector<Bytes> seeds = corpus();
  core::rtcp::Compound compound;
  for (size_t i = 0; i < seeds.size(); i++) {
    const core::rtcp::Flaw flaw = core::rtcp::parse(seeds[i], compound);
    EXPECT_EQ(flaw == core::rtcp::Flaw::kNone, i + 2 < seeds.size())
        << "line " << i << ": " << core::rtcp::to_string(flaw);
  }
}

}  // namespace
}  // namespace zc::test
