// SPDX-License-Identifier: GPL-2.0-only
// Two packets of `probe --verify`, made by hand (tests/netns/support/rtp.py has the sums): 12 bytes
// of RTP, then 31 of payload. Test 1, packet 2, RTP sequence number 1002.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zc {

inline const char* const kTestIpv4 =
    "4500004700010000401166a30a0000010a0000029c40b7980033b2a9806003ea11223344deadbeef7a637665"
    "726966790123456789abcdef00010002001f3cdce1e8eff6fd040b";
inline const char* const kTestIpv6 =
    "6000000000331140fd000000000000000000000000000001fd0000000000000000000000000000029c40b798"
    "0033cca7806003ea11223344deadbeef7a637665726966790123456789abcdef00010002001f3cdce1e8eff6"
    "fd040b";
constexpr uint64_t kTestToken = 0x0123456789abcdef;
constexpr uint32_t kTestSsrc = 0xdeadbeef;
constexpr size_t kTestUdpAt = 20, kTestRtpAt = 28, kTestPayloadAt = 40;  // of the IPv4 one

inline std::vector<uint8_t> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t at = 0; at + 1 < text.size(); at += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)));
  return bytes;
}

}  // namespace zc
