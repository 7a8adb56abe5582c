// SPDX-License-Identifier: GPL-2.0-only
#include "core/test_packet.h"

#include <algorithm>
#include <array>

namespace zc::core {
namespace {

constexpr std::array<uint8_t, 8> kMagic = {'z', 'c', 'v', 'e', 'r', 'i', 'f', 'y'};
constexpr size_t kTokenAt = 8, kTestAt = 16, kIndexAt = 18, kBytesAt = 20, kFoldAt = 22;
constexpr uint8_t kUdp = 17;
constexpr size_t kIpv4Least = 20, kIpv6Bytes = 40, kUdpBytes = 8;

uint16_t read16(Bytes bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
void write16(std::vector<uint8_t>& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

// All words of the label, so that a damaged one is known for it.
uint16_t fold(Bytes payload) {
  uint16_t folded = 0x5a5a;
  for (size_t at = kTokenAt; at < kFoldAt; at += 2)
    folded = static_cast<uint16_t>((folded << 1 | folded >> 15) ^ read16(payload, at));
  return folded;
}

// No period that a checksum would not see, and no two packets alike.
uint8_t pattern(const TestLabel& label, size_t at) {
  return static_cast<uint8_t>(at * 7 + (at >> 8) * 29 + label.index * 13u + label.test * 31u);
}

// RFC 1071, not complemented; an odd last byte is the high half of a word.
uint32_t add_words(Bytes bytes, uint32_t sum) {
  for (size_t at = 0; at < bytes.size(); at += 2)
    sum += static_cast<uint32_t>(bytes[at] << 8 | (at + 1 < bytes.size() ? bytes[at + 1] : 0));
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

struct IpHeader {
  Family family = Family::kIpv4;
  size_t bytes = 0;   // of the header
  size_t total = 0;   // of header and body, as it says
  Bytes addresses{};  // source, then destination
  bool intact = true;
};

std::optional<IpHeader> read_ipv4(Bytes packet) {
  if (packet.size() < kIpv4Least) return {};
  IpHeader header{Family::kIpv4, (packet[0] & 15u) * 4u, read16(packet, 2), packet.subspan(12, 8)};
  const bool fragment = read16(packet, 6) & 0x3fff;
  if (header.bytes < kIpv4Least || header.bytes > packet.size() || packet[9] != kUdp || fragment)
    return {};
  header.intact = add_words(packet.first(header.bytes), 0) == 0xffff;
  return header;
}

std::optional<IpHeader> read_ipv6(Bytes packet) {
  if (packet.size() < kIpv6Bytes || packet[6] != kUdp) return {};
  return IpHeader{Family::kIpv6, kIpv6Bytes, kIpv6Bytes + read16(packet, 4), packet.subspan(8, 32)};
}

std::optional<IpHeader> read_ip(Bytes packet) {
  if (packet.empty()) return {};
  if (packet[0] >> 4 == 4) return read_ipv4(packet);
  return packet[0] >> 4 == 6 ? read_ipv6(packet) : std::nullopt;
}

Endpoint to_endpoint(Family family, Bytes address, uint16_t port) {
  Endpoint endpoint{family, {}, port};
  std::ranges::copy(address, endpoint.address.begin());
  return endpoint;
}

ChecksumSeen judge_checksum(const IpHeader& ip, Bytes udp) {
  if (read16(udp, 6) == 0)
    return ip.family == Family::kIpv4 ? ChecksumSeen::kNone : ChecksumSeen::kWrong;
  const auto length = static_cast<uint32_t>(udp.size());
  // Of both families' pseudo-headers: protocol and length (RFC 768, RFC 8200 8.1).
  const uint32_t sum = add_words(ip.addresses, kUdp + (length >> 16) + (length & 0xffff));
  return add_words(udp, sum) == 0xffff ? ChecksumSeen::kRight : ChecksumSeen::kWrong;
}

}  // namespace

std::vector<uint8_t> make_test_payload(const TestLabel& label) {
  std::vector<uint8_t> payload(std::max(label.bytes, kTestPayloadLeast));
  std::ranges::copy(kMagic, payload.begin());
  for (size_t word = 0; word < 4; word++)
    write16(payload, kTokenAt + 2 * word, static_cast<uint16_t>(label.token >> (48 - 16 * word)));
  write16(payload, kTestAt, label.test);
  write16(payload, kIndexAt, label.index);
  write16(payload, kBytesAt, static_cast<uint16_t>(payload.size()));
  write16(payload, kFoldAt, fold(payload));
  for (size_t at = kTestPayloadLeast; at < payload.size(); at++)
    payload[at] = pattern(label, at);
  return payload;
}

std::optional<uint64_t> read_token(Bytes payload) {
  if (payload.size() < kTestPayloadLeast || !std::ranges::equal(payload.first(8), kMagic))
    return {};
  uint64_t token = 0;
  for (size_t at = kTokenAt; at < kTestAt; at++)
    token = token << 8 | payload[at];
  return token;
}

std::optional<TestLabel> read_label(Bytes payload) {
  const auto token = read_token(payload);
  if (!token || fold(payload) != read16(payload, kFoldAt)) return {};
  return TestLabel{*token, read16(payload, kTestAt), read16(payload, kIndexAt),
                   read16(payload, kBytesAt)};
}

std::optional<ArrivedDatagram> read_datagram(Bytes packet, bool unfinished) {
  const auto ip = read_ip(packet);
  if (!ip) return {};
  const size_t end = std::min(ip->total, packet.size());
  if (end < ip->bytes + kUdpBytes) return {};
  const Bytes udp = packet.subspan(ip->bytes, end - ip->bytes);
  const size_t half = ip->addresses.size() / 2;
  ArrivedDatagram datagram;
  datagram.source = to_endpoint(ip->family, ip->addresses.first(half), read16(udp, 0));
  datagram.destination = to_endpoint(ip->family, ip->addresses.subspan(half), read16(udp, 2));
  datagram.payload = udp.subspan(kUdpBytes);
  datagram.ip_bytes = static_cast<uint32_t>(end);
  datagram.lengths_agree = ip->intact && ip->total <= packet.size() && read16(udp, 4) == udp.size();
  datagram.checksum = unfinished ? ChecksumSeen::kUnfinished : judge_checksum(*ip, udp);
  return datagram;
}

}  // namespace zc::core
