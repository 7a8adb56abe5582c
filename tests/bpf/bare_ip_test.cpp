// SPDX-License-Identifier: GPL-2.0-only
// A device that carries bare IP (l2_bytes 0). BPF_PROG_TEST_RUN always puts an Ethernet header in
// front of a classifier's packet, so this one runs on a TUN device: a socket sends, the test reads
// what leaves.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "fixture.h"
#include "live_device.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

void send_to(const std::string& address, const Bytes& payload) {
  sockaddr_storage storage{};
  auto* ipv4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&storage);
  const bool is_ipv6 = address.find(':') != std::string::npos;
  storage.ss_family = is_ipv6 ? AF_INET6 : AF_INET;
  inet_pton(storage.ss_family, address.c_str(),
            is_ipv6 ? static_cast<void*>(&ipv6->sin6_addr) : &ipv4->sin_addr);
  (is_ipv6 ? ipv6->sin6_port : ipv4->sin_port) = htons(5004);
  const int socket = ::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(sendto(socket, payload.data(), payload.size(), 0, reinterpret_cast<sockaddr*>(&storage),
                   sizeof(storage)),
            static_cast<ssize_t>(payload.size()))
      << strerror(errno);
  close(socket);
}

class BareIpTest : public testing::TestWithParam<unsigned> {};
ZC_EGRESS_TESTS(BareIpTest);

struct SendCase {
  const char* address;
  zc_checksum way;
  bool extension;
  bool checksum;
};

TEST_P(BareIpTest, PacketsOfADeviceWithoutEthernetHeaderLeaveRight) {
  const auto egress = Egress::load(GetParam(), 0);
  ASSERT_NE(egress, nullptr) << strerror(errno);
  const LiveDevice tun(LinkKind::kBareIp);
  if (!tun.ready()) GTEST_SKIP() << "no TUN device: " << strerror(errno);
  ASSERT_TRUE(tun.attach(*egress));
  for (const SendCase& each : {SendCase{"10.9.0.2", ZC_CHECKSUM_SUM, false, true},
                               SendCase{"10.9.0.2", ZC_CHECKSUM_LCO, true, true},
                               SendCase{"10.9.0.2", ZC_CHECKSUM_ZERO, false, false},
                               SendCase{"2001:db8::2", ZC_CHECKSUM_SUM, false, true},
                               SendCase{"2001:db8::2", ZC_CHECKSUM_LCO, true, true}}) {
    SCOPED_TRACE(std::string(each.address) + " way " + std::to_string(each.way));
    const bool is_ipv6 = std::string(each.address).find(':') != std::string::npos;
    egress->reset();
    egress->add_rule(
        0, {.to = is_ipv6 ? "[2001:db8::2]:5004" : "10.9.0.2:5004", .checksum = each.way});
    send_to(each.address, pattern(33));
    const Datagram left = dissect(tun.read(), Layer::kIp);
    EXPECT_EQ(left.problem, "");
    EXPECT_EQ(left.has_checksum, each.checksum);
    const Rtp rtp = dissect_rtp(left.payload);
    EXPECT_EQ(rtp.problem, "");
    EXPECT_EQ(rtp.ssrc, 0x11223344U);
    EXPECT_EQ(rtp.sequence_number, 0x1234);
    EXPECT_EQ(rtp.has_extension, each.extension);
    EXPECT_EQ(rtp.payload, pattern(33));
    EXPECT_EQ(egress->counted(), 1U);
  }
}

TEST_P(BareIpTest, OtherPacketsOfSuchADeviceLeaveUntouched) {
  const auto egress = Egress::load(GetParam(), 0);
  ASSERT_NE(egress, nullptr) << strerror(errno);
  const LiveDevice tun(LinkKind::kBareIp);
  if (!tun.ready()) GTEST_SKIP() << "no TUN device: " << strerror(errno);
  ASSERT_TRUE(tun.attach(*egress));
  egress->reset();
  egress->add_rule(0, {.to = "10.9.0.3:5004"});
  send_to("10.9.0.2", pattern(33));
  const Datagram left = dissect(tun.read(), Layer::kIp);
  EXPECT_EQ(left.problem, "");
  EXPECT_EQ(left.payload, pattern(33));
}

}  // namespace
}  // namespace zc::test
