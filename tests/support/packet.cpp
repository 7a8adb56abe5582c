// SPDX-License-Identifier: GPL-2.0-only
#include "support/packet.h"

#include <arpa/inet.h>

#include <array>
#include <cstdio>

namespace zc::test {
namespace {

constexpr uint16_t kTypeIpv4 = 0x0800;
constexpr uint16_t kTypeIpv6 = 0x86dd;
constexpr uint16_t kTypeVlan = 0x8100;
constexpr uint16_t kTypeServiceVlan = 0x88a8;
constexpr uint8_t kProtocolUdp = 17;
constexpr size_t kEthernetBytes = 14;
constexpr size_t kVlanBytes = 4;
constexpr size_t kIpv4Bytes = 20;
constexpr size_t kIpv6Bytes = 40;
constexpr size_t kUdpBytes = 8;
constexpr size_t kRtpBytes = 12;

std::string hex(uint32_t value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%04x", value);
  return text.data();
}

std::string mac_text(ByteView bytes) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
                bytes[2], bytes[3], bytes[4], bytes[5]);
  return text.data();
}

std::string endpoint_text(Family family, ByteView address, uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family == Family::kIpv4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size());
  const std::string host = text.data();
  return (family == Family::kIpv4 ? host : "[" + host + "]") + ":" + std::to_string(port);
}

// One pass over one frame. Each layer notes its problems and says whether the next one can be
// looked at.
class Dissector {
 public:
  Dissector(ByteView frame, const Allowances& allowances) : frame_(frame), allow_(allowances) {}

  Datagram run() {
    const std::optional<uint16_t> type = ethernet();
    if (type && ip(*type)) udp();
    return std::move(result_);
  }

 private:
  void problem(const std::string& text) { result_.problems.push_back(text); }

  std::optional<uint16_t> ethernet() {
    if (frame_.size() < kEthernetBytes) {
      problem("the frame ends inside the Ethernet header");
      return {};
    }
    result_.destination_mac = mac_text(frame_);
    result_.source_mac = mac_text(frame_.subspan(6));
    size_t offset = kEthernetBytes;
    uint16_t type = get_be16(frame_, 12);
    while (type == kTypeVlan || type == kTypeServiceVlan) {
      if (frame_.size() < offset + kVlanBytes) {
        problem("the frame ends inside an 802.1Q tag");
        return {};
      }
      result_.vlan_tags.push_back(get_be16(frame_, offset));
      type = get_be16(frame_, offset + 2);
      offset += kVlanBytes;
    }
    result_.l3_offset = offset;
    return type;
  }

  bool ip(uint16_t type) {
    packet_ = frame_.subspan(result_.l3_offset);
    if (type == kTypeIpv4) return ipv4() && ip_length(get_be16(packet_, 2), kIpv4Bytes);
    if (type == kTypeIpv6)
      return ipv6() && ip_length(kIpv6Bytes + get_be16(packet_, 4), kIpv6Bytes);
    problem("neither IPv4 nor IPv6 but type " + hex(type));
    return false;
  }

  bool ipv4() {
    result_.family = Family::kIpv4;
    if (packet_.size() < kIpv4Bytes || packet_[0] != 0x45) {
      problem("not an IPv4 header of 20 bytes");
      return false;
    }
    if (ones_complement_sum(packet_.first(kIpv4Bytes)) != 0xffff)
      problem("IPv4 header checksum " + hex(get_be16(packet_, 10)) + " is wrong");
    if ((get_be16(packet_, 6) & 0x3fff) != 0) {
      problem("an IPv4 fragment");
      return false;
    }
    if ((get_be16(packet_, 6) & 0x8000) != 0) problem("IPv4's reserved flag is set");
    result_.traffic_class = packet_[1];
    result_.hop_limit = packet_[8];
    return is_udp(packet_[9]);
  }

  bool ipv6() {
    result_.family = Family::kIpv6;
    if (packet_.size() < kIpv6Bytes || packet_[0] >> 4 != 6) {
      problem("not an IPv6 header");
      return false;
    }
    result_.traffic_class = static_cast<uint8_t>(packet_[0] << 4 | packet_[1] >> 4);
    result_.hop_limit = packet_[7];
    return is_udp(packet_[6]);
  }

  bool is_udp(uint8_t protocol) {
    if (protocol == kProtocolUdp) return true;
    problem("protocol " + std::to_string(protocol) + " is not UDP");
    return false;
  }

  // `bytes` is what the IP header says, with its own `header` bytes.
  bool ip_length(size_t bytes, size_t header) {
    result_.l4_offset = result_.l3_offset + header;
    if (bytes > packet_.size() || bytes < header + kUdpBytes) {
      problem("the IP header says " + std::to_string(bytes) + " bytes, the frame holds " +
              std::to_string(packet_.size()));
      return false;
    }
    result_.trailer_bytes = packet_.size() - bytes;
    if (result_.trailer_bytes != 0 && !allow_.trailer)
      problem(std::to_string(result_.trailer_bytes) + " bytes behind the IP packet");
    datagram_ = packet_.subspan(header, bytes - header);
    return true;
  }

  void udp() {
    const bool v4 = result_.family == Family::kIpv4;
    const size_t address = v4 ? 4 : 16;
    const ByteView addresses = packet_.subspan(v4 ? 12 : 8, 2 * address);
    result_.source = endpoint_text(result_.family, addresses, get_be16(datagram_, 0));
    result_.destination =
        endpoint_text(result_.family, addresses.subspan(address), get_be16(datagram_, 2));
    result_.udp_checksum = get_be16(datagram_, 6);
    result_.payload.assign(datagram_.begin() + kUdpBytes, datagram_.end());
    if (get_be16(datagram_, 4) != datagram_.size())
      problem("UDP length " + std::to_string(get_be16(datagram_, 4)) + ", the IP header leaves " +
              std::to_string(datagram_.size()));
    udp_checksum(v4);
  }

  void udp_checksum(bool v4) {
    if (result_.udp_checksum == 0) {
      if (!v4 || !allow_.zero_checksum) problem("no UDP checksum");
      return;
    }
    const uint16_t sum =
        ones_complement_sum(datagram_, pseudo_header_sum(packet_, datagram_.size()));
    if (sum != 0xffff)
      problem("UDP checksum " + hex(result_.udp_checksum) + " is wrong: everything sums to " +
              hex(sum));
  }

  ByteView frame_;
  Allowances allow_;
  ByteView packet_;    // from the IP header to the end of the frame
  ByteView datagram_;  // UDP header and payload, as long as IP says
  Datagram result_;
};

// RFC 3550 5.3.1. Returns how many bytes the extension takes, or nothing where it is cut off.
std::optional<size_t> take_extension(ByteView bytes, RtpPacket& rtp) {
  if (bytes.size() < 4) return {};
  const size_t data = size_t{get_be16(bytes, 2)} * 4;
  if (bytes.size() < 4 + data) return {};
  const ByteView words = bytes.subspan(4, data);
  rtp.extension = RtpExtension{get_be16(bytes, 0), Bytes(words.begin(), words.end())};
  return 4 + data;
}

// RFC 3550 5.1: the last octet counts the padding, itself included.
void take_padding(RtpPacket& rtp) {
  if (rtp.payload.empty() || rtp.payload.back() == 0 || rtp.payload.back() > rtp.payload.size()) {
    rtp.problems.emplace_back("RTP padding is longer than the packet");
    return;
  }
  rtp.payload.resize(rtp.payload.size() - rtp.payload.back());
}

void read_fixed_header(ByteView bytes, RtpPacket& rtp) {
  rtp.version = bytes[0] >> 6;
  rtp.padding = (bytes[0] & 0x20) != 0;
  rtp.csrc_count = bytes[0] & 0x0f;
  rtp.marker = (bytes[1] & 0x80) != 0;
  rtp.payload_type = bytes[1] & 0x7f;
  rtp.sequence_number = get_be16(bytes, 2);
  rtp.timestamp = get_be32(bytes, 4);
  rtp.ssrc = get_be32(bytes, 8);
}

}  // namespace

std::string describe(const Problems& problems) {
  std::string text;
  for (const std::string& problem : problems)
    text += "\n  - " + problem;
  return text;
}

uint16_t pseudo_header_sum(ByteView ip_header, size_t udp_bytes) {
  const bool v4 = ip_header[0] >> 4 == 4;
  const uint16_t addresses = ones_complement_sum(ip_header.subspan(v4 ? 12 : 8, v4 ? 8 : 32));
  Bytes rest{0, kProtocolUdp};
  append_be16(rest, static_cast<uint16_t>(udp_bytes));
  return ones_complement_sum(rest, addresses);
}

Datagram dissect_datagram(ByteView frame, const Allowances& allowances) {
  return Dissector(frame, allowances).run();
}

RtpPacket dissect_rtp(ByteView udp_payload) {
  RtpPacket rtp;
  if (udp_payload.size() < kRtpBytes) {
    rtp.problems.emplace_back("too short for an RTP header");
    return rtp;
  }
  read_fixed_header(udp_payload, rtp);
  if (rtp.version != 2)
    rtp.problems.push_back("RTP version " + std::to_string(rtp.version) + ", not 2");
  size_t offset = kRtpBytes + size_t{rtp.csrc_count} * 4;
  const bool extended = (udp_payload[0] & 0x10) != 0;
  std::optional<size_t> extension = 0;
  if (offset <= udp_payload.size() && extended)
    extension = take_extension(udp_payload.subspan(offset), rtp);
  if (offset > udp_payload.size() || !extension) {
    rtp.problems.emplace_back("the packet ends inside the RTP header");
    return rtp;
  }
  offset += *extension;
  rtp.payload.assign(udp_payload.begin() + static_cast<ptrdiff_t>(offset), udp_payload.end());
  if (rtp.padding) take_padding(rtp);
  return rtp;
}

}  // namespace zc::test
