// SPDX-License-Identifier: GPL-2.0-only
#include "packet_checker.h"

#include "inet.h"

namespace zc::test {
namespace {

Bytes slice(const Bytes& bytes, size_t from, size_t count) {
  return {bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(from + count)};
}
uint32_t be16(const Bytes& bytes, size_t at) {
  return read_be(&bytes[at], 2);
}

// The ethertype behind the tags; moves `at` behind it. 0: no such thing.
uint32_t skip_tags(const Bytes& frame, size_t& at) {
  if (frame.size() < 14) return 0;
  uint32_t type = be16(frame, 12);
  at = 14;
  for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
    if (frame.size() < at + 4) return 0;
    type = be16(frame, at + 2);
    at += 4;
  }
  return type;
}

void check_udp(Datagram& found, const Bytes& datagram) {
  if (datagram.size() < 8 || be16(datagram, 4) != datagram.size()) {
    found.problem = "UDP length";
    return;
  }
  found.source_port = static_cast<uint16_t>(be16(datagram, 0));
  found.destination_port = static_cast<uint16_t>(be16(datagram, 2));
  found.has_checksum = be16(datagram, 6) != 0;
  found.payload = slice(datagram, 8, datagram.size() - 8);
  if (found.has_checksum && udp_sum(found.source, found.destination, datagram) != 0xffff)
    found.problem = "UDP checksum";
}

// Fills in the network header's part; returns where UDP begins and, in `end`, where IP ends.
size_t check_ipv4(Datagram& found, const Bytes& frame, size_t at, size_t& end) {
  const size_t left = frame.size() - at;
  if (left < 20 || frame[at] != 0x45) {
    found.problem = "IPv4 header";
  } else if (frame[at + 9] != 17) {
    found.problem = "not UDP";
  } else if (be16(frame, at + 2) < 28 || be16(frame, at + 2) > left) {
    found.problem = "IPv4 length";
  } else if ((be16(frame, at + 6) & 0x3fff) != 0) {
    found.problem = "fragment";
  } else if (ones_complement_sum(slice(frame, at, 20)) != 0xffff) {
    found.problem = "IPv4 checksum";
  }
  if (!found.problem.empty()) return 0;
  found.family = 4;
  found.source = slice(frame, at + 12, 4);
  found.destination = slice(frame, at + 16, 4);
  end = at + be16(frame, at + 2);
  return at + 20;
}

size_t check_ipv6(Datagram& found, const Bytes& frame, size_t at, size_t& end) {
  const size_t left = frame.size() - at;
  if (left < 40 || frame[at] >> 4 != 6) {
    found.problem = "IPv6 header";
  } else if (frame[at + 6] != 17) {
    found.problem = "not UDP";
  } else if (be16(frame, at + 4) < 8 || be16(frame, at + 4) > left - 40) {
    found.problem = "IPv6 length";
  }
  if (!found.problem.empty()) return 0;
  found.family = 6;
  found.source = slice(frame, at + 8, 16);
  found.destination = slice(frame, at + 24, 16);
  end = at + 40 + be16(frame, at + 4);
  return at + 40;
}

}  // namespace

Datagram dissect(const Bytes& frame, Layer first) {
  Datagram found;
  size_t at = 0, end = 0;
  uint32_t type = 0;
  if (first == Layer::kEthernet)
    type = skip_tags(frame, at);
  else if (!frame.empty())
    type = frame[0] >> 4 == 4 ? 0x0800 : 0x86dd;
  found.l3_offset = at;
  if (type != 0x0800 && type != 0x86dd) {
    found.problem = "not IP";
    return found;
  }
  const size_t udp =
      type == 0x0800 ? check_ipv4(found, frame, at, end) : check_ipv6(found, frame, at, end);
  if (!found.problem.empty()) return found;
  check_udp(found, slice(frame, udp, end - udp));
  found.trailer = slice(frame, end, frame.size() - end);
  return found;
}

Rtp dissect_rtp(const Bytes& payload) {
  Rtp rtp;
  if (payload.size() < 12 || (payload[0] & ~0x10) != 0x80) {
    rtp.problem = "RTP header";
    return rtp;
  }
  rtp.has_extension = (payload[0] & 0x10) != 0;
  rtp.marker = payload[1] >> 7 != 0;
  rtp.payload_type = payload[1] & 0x7f;
  rtp.sequence_number = static_cast<uint16_t>(be16(payload, 2));
  rtp.timestamp = read_be(&payload[4], 4);
  rtp.ssrc = read_be(&payload[8], 4);
  size_t at = 12;
  if (rtp.has_extension) {
    if (payload.size() < 16 || payload.size() < 16 + 4 * be16(payload, 14)) {
      rtp.problem = "RTP extension";
      return rtp;
    }
    at = 16 + 4 * be16(payload, 14);
  }
  rtp.payload = slice(payload, at, payload.size() - at);
  return rtp;
}

}  // namespace zc::test
