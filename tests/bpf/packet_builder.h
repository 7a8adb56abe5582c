// SPDX-License-Identifier: GPL-2.0-only
// Builds Ethernet frames with UDP in them, from RFC 791, 768, 8200 and IEEE 802.1Q. What is not
// told otherwise comes out well-formed. golden_test.cpp holds it against tshark's judgement.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytes.h"

namespace zc::test {

// Protocol numbers of IPv6 extension headers (RFC 8200 4.1, RFC 4302).
enum : uint8_t { kHopByHop = 0, kRouting = 43, kFragment = 44, kAuth = 51, kDestOptions = 60 };

class PacketBuilder {
 public:
  // The family follows from the addresses' text.
  PacketBuilder& from(const std::string& address, uint16_t port);
  PacketBuilder& to(const std::string& address, uint16_t port);
  PacketBuilder& payload(Bytes bytes);

  PacketBuilder& vlan(uint16_t tag, uint16_t tpid = 0x8100);  // outermost first
  PacketBuilder& ethertype(uint16_t type);                    // instead of what is true
  PacketBuilder& protocol(uint8_t number);                    // instead of UDP
  PacketBuilder& id(uint16_t number);                         // IPv4 identification
  PacketBuilder& ipv4_options(const Bytes& options);          // a multiple of four bytes
  PacketBuilder& fragment(uint16_t offset_bytes, bool more);  // IPv4
  PacketBuilder& flow_label(uint16_t number);                 // IPv6
  PacketBuilder& ttl(uint8_t number);                         // IPv6: hop limit
  PacketBuilder& tos(uint8_t number);                         // IPv6: traffic class
  // IPv6, in this order. `body`: everything behind the first two bytes.
  PacketBuilder& extension(uint8_t type, const Bytes& body);
  PacketBuilder& without_udp_header();  // as in a later fragment
  PacketBuilder& trailer(Bytes bytes);  // Ethernet padding

  // Lies.
  PacketBuilder& version(uint8_t number);
  PacketBuilder& ihl(uint8_t words);
  PacketBuilder& ip_length(uint16_t length);  // IPv4 total length, IPv6 payload length
  PacketBuilder& udp_length(uint16_t length);
  PacketBuilder& udp_checksum(uint16_t value);

  Bytes build() const;

 private:
  Bytes udp() const;
  Bytes ipv4(size_t upper_bytes) const;
  Bytes ipv6(size_t upper_bytes) const;
  bool is_ipv6() const { return destination_.find(':') != std::string::npos; }

  std::string source_ = "10.9.0.1", destination_ = "10.9.0.2";
  uint16_t source_port_ = 40000, destination_port_ = 5004;
  Bytes payload_ = {0x47, 0x40, 0x00, 0x10}, trailer_, options_;
  std::vector<std::pair<uint16_t, uint16_t>> tags_;  // TPID, tag
  std::vector<std::pair<uint8_t, Bytes>> extensions_;
  bool udp_header_ = true;
  uint8_t protocol_ = 17, ttl_ = 64, tos_ = 0;
  uint16_t id_ = 7, flow_label_ = 0, fragment_ = 0x4000;  // don't fragment
  std::optional<uint8_t> version_, ihl_;
  std::optional<uint16_t> ethertype_, ip_length_, udp_length_, udp_checksum_;
};

// A packet of family 4 or 6 between the addresses that all tests use.
PacketBuilder packet(int family);

}  // namespace zc::test
