// SPDX-License-Identifier: GPL-2.0-only
// Which checksum way a device gets: the whole matrix of device facts, family, payload header and
// wish, written down by hand from docs/checksums.md.
#include "core/checksum.h"
#include "expect.h"
#include "kern/drivers.h"

namespace zc::core {
namespace {

using api::CsumOffload;
using api::Device;

// "F": follows csum_start, "P": looks for the header itself, "H": hands the packet on, "?": nobody
// knows; one letter a sender.
Device device(bool offload, const std::string& senders) {
  Device device;
  device.name = "eth0";
  device.tx_checksum_ipv4 = device.tx_checksum_ipv6 = offload;
  for (const char kind : senders) {
    const CsumOffload csum = kind == 'F'   ? CsumOffload::kFollows
                             : kind == 'P' ? CsumOffload::kParses
                             : kind == 'H' ? CsumOffload::kHandsOn
                                           : CsumOffload::kUnknown;
    device.senders.push_back({"eth0", "some_driver", csum});
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
constexpr const char* kFollowsUnknown = "not known whether eth0 (some_driver) follows csum_start";
constexpr const char* kTakesUnknown =
    "not known whether every card of the driver takes uni's packets";
constexpr const char* kNat = "wrong where NAT follows";
constexpr const char* kParses = "eth0 (some_driver) looks for the UDP header itself";
constexpr const char* kZero6 = "IPv6 does not allow UDP without a checksum";
constexpr const char* kMpa = "cannot carry a payload header";

constexpr Row kMatrix[] = {
    // auto never refuses: without offload the sum is complete
    {false, "F", k4, 0, "auto", "sum", "", ""},
    {false, "P", k4, 0, "auto", "sum", "", ""},
    {false, "?", k4, 0, "auto", "sum", "", ""},
    {false, "", k4, 0, "auto", "sum", "", ""},
    {false, "?", k6, 0, "auto", "sum", "", ""},
    {false, "P", k6, 4, "auto", "sum", "", ""},
    // with offload only cards that are known get uni
    {true, "F", k4, 0, "auto", "uni", "", ""},
    {true, "F", k6, 0, "auto", "uni", "", ""},
    {true, "P", k4, 0, "auto", "uni", "", ""},
    {true, "P", k6, 0, "auto", "uni", "", ""},
    {true, "FP", k6, 0, "auto", "uni", "", ""},
    {true, "?", k4, 0, "auto", "sum", "", ""},
    {true, "?", k6, 0, "auto", "sum", "", ""},
    {true, "", k4, 0, "auto", "sum", "", ""},
    {true, "F?", k4, 0, "auto", "sum", "", ""},
    {true, "H", k4, 0, "auto", "sum", "", ""},
    {true, "FH", k6, 0, "auto", "sum", "", ""},
    {true, "F", k4, 4, "auto", "sum", "", ""},
    {true, "P", k6, 4, "auto", "sum", "", ""},
    // uni, asked for
    {true, "F", k4, 0, "uni", "uni", "", ""},
    {true, "P", k6, 0, "uni", "uni", "", ""},
    {false, "?", k6, 0, "uni", "uni", "", ""},
    {true, "?", k4, 0, "uni", "uni", kTakesUnknown, ""},
    {true, "H", k6, 0, "uni", "uni", kNat, ""},
    {true, "F", k4, 4, "uni", "", kMpa, "--checksum sum"},
    // lco, asked for
    {true, "F", k4, 0, "lco", "lco", "", ""},
    {true, "F", k6, 0, "lco", "lco", "", ""},
    {false, "P", k4, 0, "lco", "lco", "", ""},
    {false, "?", k6, 0, "lco", "lco", "", ""},
    {true, "?", k4, 0, "lco", "lco", kFollowsUnknown, ""},
    {true, "F?", k6, 0, "lco", "lco", kFollowsUnknown, ""},
    {true, "H", k4, 0, "lco", "lco", kNat, ""},
    {true, "P", k4, 0, "lco", "", kParses, "--checksum uni"},
    {true, "?P", k6, 0, "lco", "", kParses, "--checksum uni"},
    {true, "F", k4, 4, "lco", "", kMpa, "--checksum sum"},
    // zero, asked for
    {true, "F", k4, 0, "zero", "zero", "", ""},
    {true, "P", k4, 4, "zero", "zero", "", ""},
    {false, "?", k4, 0, "zero", "zero", "", ""},
    {true, "F", k6, 0, "zero", "", kZero6, "--checksum sum"},
    {false, "F", k6, 0, "zero", "", kZero6, "--checksum sum"},
    // sum, asked for, is right everywhere; its older name too
    {false, "F", k4, 0, "sum", "sum", "", ""},
    {true, "?", k6, 4, "sum", "sum", "", ""},
    {true, "H", k4, 0, "full", "sum", "", ""},
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
  EXPECT_THAT((*choose_checksum(nic, k4, 0, std::nullopt)).reason, testing::HasSubstr("not known"));
  EXPECT_THAT((*choose_checksum(nic, k6, 0, std::nullopt)).reason, testing::HasSubstr("finished"));
}

// A hint that leads from one refusal into the next is none.
TEST(ChecksumChoiceTest, NoHintRecommendsWhatWouldBeRefusedToo) {
  for (const Row& row : kMatrix) {
    SCOPED_TRACE(describe(row));
    const auto choice = choose(row);
    if (choice) continue;
    for (const char* way : {"lco", "zero", "sum", "uni"}) {
      const bool recommended = choice.error().hint.find(std::string("--checksum ") + way) == 4;
      Row next = row;
      next.wanted = way;
      EXPECT_TRUE(!recommended || choose(next))
          << "recommends " << way << ": " << why(choice.error());
    }
  }
}

TEST(ChecksumChoiceTest, WaysAreTakenByNameAndNothingElse) {
  EXPECT_EQ(value_of(parse_checksum("lco")), ZC_CHECKSUM_LCO);
  EXPECT_EQ(value_of(parse_checksum("zero")), ZC_CHECKSUM_ZERO);
  EXPECT_EQ(value_of(parse_checksum("sum")), ZC_CHECKSUM_SUM);
  EXPECT_EQ(value_of(parse_checksum("full")), ZC_CHECKSUM_SUM);
  EXPECT_EQ(value_of(parse_checksum("uni")), ZC_CHECKSUM_UNI);
  EXPECT_EQ(value_of(parse_checksum("auto")), std::nullopt);
  for (const char* bad : {"", "LCO", "none", "off", "lco "})
    expect_error(parse_checksum(bad), ErrorKind::kUsage, "is not one of auto, uni, sum, zero, lco");
}

// The design's table of devices (docs/checksums.md).
TEST(DriverTableTest, DriversAreJudgedAsTheirSourcesWere) {
  for (const char* driver : {"loopback", "tun", "e1000"})
    EXPECT_EQ(kern::driver_csum_offload(driver), CsumOffload::kFollows) << driver;
  for (const char* driver : {"mlx5_core", "mlx4_en", "bnxt_en", "tg3", "qede", "st_gmac"})
    EXPECT_EQ(kern::driver_csum_offload(driver), CsumOffload::kParses) << driver;
  for (const char* driver : {"veth", "ifb"})
    EXPECT_EQ(kern::driver_csum_offload(driver), CsumOffload::kHandsOn) << driver;
  for (const char* driver :
       {"i40e", "iavf", "ice", "ixgbe", "igb", "igc", "e1000e", "ena", "gve", "hv_netvsc",
        "vmxnet3", "virtio_net", "vif", "r8169", "", "vet", "veth0", "VETH"})
    EXPECT_EQ(kern::driver_csum_offload(driver), CsumOffload::kUnknown) << driver;
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
