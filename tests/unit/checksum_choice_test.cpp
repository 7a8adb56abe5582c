// SPDX-License-Identifier: GPL-2.0-only
// Which checksum way a device gets: the whole matrix of device facts, family, payload header and
// wish, written down by hand from interface.md and kernel-facts.md section 3.
#include "core/checksum.h"
#include "expect.h"
#include "kern/drivers.h"

namespace zc::core {
namespace {

using api::CsumStart;
using api::Device;

// "F": follows csum_start, "I": looks for the header itself, "?": nobody knows; one letter a
// sender.
Device device(bool offload, const std::string& senders) {
  Device device;
  device.name = "eth0";
  device.tx_checksum_ipv4 = device.tx_checksum_ipv6 = offload;
  for (const char kind : senders) {
    const CsumStart csum_start = kind == 'F'   ? CsumStart::kFollowed
                                 : kind == 'I' ? CsumStart::kIgnored
                                               : CsumStart::kUnknown;
    device.senders.push_back({"eth0", "some_driver", csum_start});
  }
  return device;
}

struct Row {  // NOLINT(clang-analyzer-optin.performance.Padding): in the order one reads
  bool offload;
  const char* senders;
  Family family;
  int payload_header_bytes;
  const char* wanted;
  const char* way;      // "" : refused, exit code 3
  const char* message;  // of a refusal; of a choice: part of the warning
  const char* hint;
};

constexpr auto k4 = Family::kIpv4;
constexpr auto k6 = Family::kIpv6;
constexpr const char* kOff = "ethtool -K eth0 tx off";
constexpr const char* kUnknown = "not known whether eth0 (some_driver) follows csum_start";
constexpr const char* kParses = "eth0 (some_driver) looks for the UDP header itself";

constexpr Row kMatrix[] = {
    // auto: without offload the sum is complete
    {false, "F", k4, 0, "auto", "full", "", ""},
    {false, "I", k4, 0, "auto", "full", "", ""},
    {false, "?", k4, 0, "auto", "full", "", ""},
    {false, "", k4, 0, "auto", "full", "", ""},
    {false, "?", k6, 0, "auto", "full", "", ""},
    {false, "I", k6, 4, "auto", "full", "", ""},
    // auto: with offload only a device that follows csum_start gets lco
    {true, "F", k4, 0, "auto", "lco", "", ""},
    {true, "F", k6, 0, "auto", "lco", "", ""},
    {true, "FF", k6, 0, "auto", "lco", "", ""},
    {true, "I", k4, 0, "auto", "zero", "", ""},
    {true, "?", k4, 0, "auto", "zero", "", ""},
    {true, "", k4, 0, "auto", "zero", "", ""},
    {true, "FI", k4, 0, "auto", "zero", "", ""},
    {true, "F?", k4, 0, "auto", "zero", "", ""},
    {true, "F", k4, 4, "auto", "zero", "", ""},
    // auto: where nothing is safe for IPv6
    {true, "I", k6, 0, "auto", "", "no checksum way is safe for IPv6 on eth0", kOff},
    {true, "?", k6, 0, "auto", "", "no checksum way is safe for IPv6 on eth0", kOff},
    {true, "", k6, 0, "auto", "", "no checksum way is safe for IPv6 on eth0", kOff},
    {true, "F?", k6, 0, "auto", "", "no checksum way is safe for IPv6 on eth0", kOff},
    {true, "F", k6, 4, "auto", "", "no checksum way is safe for IPv6 on eth0", kOff},
    // lco, asked for
    {true, "F", k4, 0, "lco", "lco", "", ""},
    {true, "F", k6, 0, "lco", "lco", "", ""},
    {false, "I", k4, 0, "lco", "lco", "", ""},
    {false, "?", k6, 0, "lco", "lco", "", ""},
    {true, "?", k4, 0, "lco", "lco", kUnknown, ""},
    {true, "?", k6, 0, "lco", "lco", kUnknown, ""},
    {true, "F?", k6, 0, "lco", "lco", kUnknown, ""},
    {true, "I", k4, 0, "lco", "", kParses, "--checksum zero"},
    {true, "I", k6, 0, "lco", "", kParses, kOff},
    {true, "?I", k4, 0, "lco", "", kParses, "--checksum zero"},
    {true, "F", k4, 4, "lco", "", "lco cannot carry a payload header", "--checksum zero"},
    {true, "F", k6, 4, "lco", "", "lco cannot carry a payload header", kOff},
    // zero, asked for
    {true, "F", k4, 0, "zero", "zero", "", ""},
    {true, "I", k4, 4, "zero", "zero", "", ""},
    {false, "?", k4, 0, "zero", "zero", "", ""},
    {true, "F", k6, 0, "zero", "", "IPv6 does not allow UDP without a checksum", "--checksum lco"},
    {false, "F", k6, 0, "zero", "", "IPv6 does not allow UDP without a checksum", ""},
    // full, asked for
    {false, "F", k4, 0, "full", "full", "", ""},
    {false, "?", k6, 0, "full", "full", "", ""},
    {false, "I", k6, 4, "full", "full", "", ""},
    {true, "F", k4, 0, "full", "", "eth0 offloads transmit checksums", "--checksum lco"},
    {true, "?", k4, 0, "full", "", "eth0 offloads transmit checksums", kOff},
    {true, "F", k6, 0, "full", "", "eth0 offloads transmit checksums", kOff},
};

std::string describe(const Row& row) {
  return std::string(row.offload ? "offload" : "no offload") + ", senders '" + row.senders + "', " +
         to_string(row.family) + ", header " + std::to_string(row.payload_header_bytes) +
         ", wanted " + row.wanted;
}

Result<ChecksumChoice> choose(const Row& row) {
  return choose_checksum(device(row.offload, row.senders), row.family,
                         static_cast<uint8_t>(row.payload_header_bytes),
                         value_of(parse_checksum(row.wanted)));
}

TEST(ChecksumChoiceTest, EveryDeviceGetsTheWayOfTheMatrixOrARefusal) {
  for (const Row& row : kMatrix) {
    SCOPED_TRACE(describe(row));
    const auto choice = choose(row);
    if (row.way[0] == '\0') {
      ASSERT_FALSE(choice);
      EXPECT_EQ(choice.error().kind, ErrorKind::kUnsupported);
      EXPECT_THAT(choice.error().message, testing::HasSubstr(row.message));
      EXPECT_THAT(choice.error().hint, testing::HasSubstr(row.hint));
      EXPECT_NE(choice.error().hint, "");
      continue;
    }
    ASSERT_TRUE(choice) << why(choice.error());
    EXPECT_STREQ(to_string(choice->way), row.way);
    EXPECT_NE(choice->reason, "");
    EXPECT_EQ(choice->warning.empty(), row.message[0] == '\0') << choice->warning;
    EXPECT_THAT(choice->warning, testing::HasSubstr(row.message));
  }
}

TEST(ChecksumChoiceTest, TheFamiliesOffloadIsLookedAtApart) {
  Device nic = device(false, "?");
  nic.tx_checksum_ipv4 = true;
  EXPECT_EQ((*choose_checksum(nic, k4, 0, std::nullopt)).way, ZC_CHECKSUM_ZERO);
  EXPECT_EQ((*choose_checksum(nic, k6, 0, std::nullopt)).way, ZC_CHECKSUM_FULL);
}

// A hint that leads from one refusal into the next is none.
TEST(ChecksumChoiceTest, NoHintRecommendsWhatWouldBeRefusedToo) {
  for (const Row& row : kMatrix) {
    SCOPED_TRACE(describe(row));
    const auto choice = choose(row);
    if (choice) continue;
    for (const char* way : {"lco", "zero", "full"}) {
      const bool recommended = choice.error().hint.find(std::string("--checksum ") + way) == 4;
      Row next = row;
      next.wanted = way;
      EXPECT_TRUE(!recommended || choose(next))
          << "recommends " << way << ": " << why(choice.error());
    }
  }
}

TEST(ChecksumChoiceTest, WithAPayloadHeaderFullDoesNotRecommendLco) {
  const auto choice = choose({true, "F", k4, 4, "full", "", "", ""});
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(choice.error().hint, testing::Not(testing::HasSubstr("lco")));
}

TEST(ChecksumChoiceTest, WaysAreTakenByNameAndNothingElse) {
  EXPECT_EQ(value_of(parse_checksum("lco")), ZC_CHECKSUM_LCO);
  EXPECT_EQ(value_of(parse_checksum("zero")), ZC_CHECKSUM_ZERO);
  EXPECT_EQ(value_of(parse_checksum("full")), ZC_CHECKSUM_FULL);
  EXPECT_EQ(value_of(parse_checksum("auto")), std::nullopt);
  for (const char* bad : {"", "LCO", "none", "off", "lco "})
    expect_error(parse_checksum(bad), ErrorKind::kUsage, "is not one of auto, lco, zero, full");
}

// kernel-facts.md section 3: these follow csum_start; of those that parse, only examples.
TEST(DriverTableTest, DriversAreJudgedAsTheirSourcesWere) {
  for (const char* driver : {"veth", "loopback", "tun", "ifb", "e1000"})
    EXPECT_EQ(kern::driver_csum_start(driver), CsumStart::kFollowed) << driver;
  for (const char* driver : {"mlx5_core", "bnxt_en"})
    EXPECT_EQ(kern::driver_csum_start(driver), CsumStart::kIgnored) << driver;
  for (const char* driver : {"", "no_such_driver", "vet", "veth0", "VETH"})
    EXPECT_EQ(kern::driver_csum_start(driver), CsumStart::kUnknown) << driver;
}

TEST(LinkTypeTest, OnlyLinksWhoseHeaderIsKnownAreTaken) {
  Device nic = device(true, "F");
  const std::pair<uint16_t, uint32_t> known[] = {{1, 14}, {772, 14}, {0xfffe, 0}, {519, 0}};
  for (const auto& [type, bytes] : known) {
    nic.link_type = type;
    EXPECT_EQ(value_of(api::l2_header_bytes(nic)), bytes) << type;
  }
  for (const uint16_t type : {32, 512, 768, 801, 65535}) {  // InfiniBand, PPP, IPIP, 802.11, void
    nic.link_type = type;
    expect_error(api::l2_header_bytes(nic), ErrorKind::kUnsupported,
                 "eth0 has link type " + std::to_string(type), "device below it");
  }
}

}  // namespace
}  // namespace zc::core
