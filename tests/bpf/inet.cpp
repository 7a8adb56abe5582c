// SPDX-License-Identifier: GPL-2.0-only
#include "inet.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace zc::test {

Bytes address_bytes(const std::string& text) {
  const bool ipv6 = text.find(':') != std::string::npos;
  Bytes bytes(ipv6 ? 16 : 4);
  EXPECT_EQ(inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()), 1) << text;
  return bytes;
}

uint16_t ones_complement_sum(const Bytes& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i++)
    sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

uint16_t udp_sum(const Bytes& source, const Bytes& destination, const Bytes& datagram) {
  Bytes covered = source;
  covered.insert(covered.end(), destination.begin(), destination.end());
  const size_t length = datagram.size();
  const Bytes rest{0, 17, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  covered.insert(covered.end(), rest.begin(), rest.end());
  covered.insert(covered.end(), datagram.begin(), datagram.end());
  return ones_complement_sum(covered);
}

}  // namespace zc::test
