// SPDX-License-Identifier: GPL-2.0-only
#include "soak/judge.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "support/endpoint.h"
#include "support/packet.h"
#include "support/tap.h"

namespace zc::test {
namespace {

constexpr size_t kEthernetBytes = 14;
constexpr size_t kUdpBytes = 8;
constexpr size_t kRtpBytes = 12;
constexpr uint8_t kUdpProtocol = 17;
constexpr uint8_t kMp2t = 33;  // RFC 3551 table 5
constexpr size_t kMostExamples = 20;
// A gap of more than this is no loss but another number altogether.
constexpr unsigned kMostLost = 10'000;

uint16_t swap(uint16_t value) {
  return static_cast<uint16_t>(value << 8 | value >> 8);
}

uint64_t load64(const uint8_t* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

const std::array<Bytes, 2>& addresses(Family family) {
  static const std::array<Bytes, 2> v4{address_of(std::string(kSoakSource4) + ":1"),
                                       address_of(std::string(kSoakPeer4) + ":1")};
  static const std::array<Bytes, 2> v6{address_of("[" + std::string(kSoakSource6) + "]:1"),
                                       address_of("[" + std::string(kSoakPeer6) + "]:1")};
  return family == Family::kIpv4 ? v4 : v6;
}

bool starts_with(ByteView bytes, const Bytes& wanted) {
  return std::equal(wanted.begin(), wanted.end(), bytes.begin());
}

}  // namespace

struct Judge::Udp {
  Family family = Family::kIpv4;
  uint16_t pseudo_sum = 0;  // addresses and protocol
  uint16_t source_port = 0;
  uint16_t port = 0;
  bool no_checksum = false;
  ByteView datagram;  // UDP header included
  ByteView payload() const { return datagram.subspan(kUdpBytes); }
};

struct Judge::Rtp {
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  bool extension = false;
  ByteView payload;
};

uint16_t fast_sum(ByteView bytes, uint16_t start) {
  static_assert(std::endian::native == std::endian::little);
  unsigned __int128 wide = 0;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8)
    wide += load64(&bytes[at]);
  std::array<uint8_t, 8> rest{};
  std::copy(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end(), rest.begin());
  wide += load64(rest.data());
  // 2^16 is 1, modulo 0xffff: the parts may be added in any width (RFC 1071 2).
  uint64_t sum = static_cast<uint64_t>(wide >> 64);
  for (unsigned shift = 0; shift < 64; shift += 16)
    sum += static_cast<uint64_t>(wide) >> shift & 0xffff;
  sum += swap(start);
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return swap(static_cast<uint16_t>(sum));
}

Bytes churn_payload(uint8_t fate, uint32_t number) {
  Bytes payload{0x47, fate};
  append_be16(payload, static_cast<uint16_t>(number >> 16));
  append_be16(payload, static_cast<uint16_t>(number));
  while (payload.size() < ChurnPayload::kBytes)
    payload.push_back(static_cast<uint8_t>(number * 31 + payload.size()));
  return payload;
}

Judge::Judge(const std::vector<SoakStream>& streams, ByteView file) : file_(file) {
  flows_.reserve(streams.size());
  for (const SoakStream& stream : streams)
    flows_.push_back({.stream = &stream, .datagrams = Datagrams(stream, file.size())});
}

void Judge::problem(const char* what) {
  problems_[what]++;
  if (first_problem_ == nullptr) first_problem_ = what;
}

void Judge::take(const VnetHeader& vnet, std::span<uint8_t> frame) {
  if (is_kernel_noise(frame)) return;
  first_problem_ = nullptr;
  Udp udp;
  if (complete(vnet, frame) && find_ip(frame, udp) && find_udp(udp)) {
    if (udp.source_port == kChurnSourcePort && udp.port == kChurnPort)
      judge_churn(udp);
    else
      judge_stream(udp);
  }
  taken_.fetch_add(1, std::memory_order_release);
  if (first_problem_ == nullptr) return;
  wrong_.fetch_add(1, std::memory_order_relaxed);
  if (examples_.size() >= kMostExamples) return;
  const Datagram slowly = dissect_datagram(frame, {.zero_checksum = true});
  examples_.push_back(std::string(first_problem_) + ": " + slowly.source + " to " +
                      slowly.destination + describe(slowly.problems) + "\n" + describe(vnet) +
                      "\n" + hex_dump(frame, 96));
}

// Nothing may be left to the device but the checksum.
bool Judge::complete(const VnetHeader& vnet, std::span<uint8_t> frame) {
  if (vnet.gso_type != 0) problem("the device is asked to segment");
  if (!vnet.needs_checksum()) return true;
  const size_t place = size_t{vnet.csum_start} + vnet.csum_offset;
  if (place + 2 > frame.size()) {
    problem("the checksum's place lies behind the frame");
    return false;
  }
  const auto sum = static_cast<uint16_t>(~fast_sum(frame.subspan(vnet.csum_start)));
  frame[place] = static_cast<uint8_t>(sum >> 8);
  frame[place + 1] = static_cast<uint8_t>(sum);
  return true;
}

bool Judge::find_ip(ByteView frame, Udp& udp) {
  const uint16_t type = frame.size() < kEthernetBytes + 40 ? 0 : get_be16(frame, 12);
  const ByteView packet = frame.subspan(std::min(kEthernetBytes, frame.size()));
  const bool v4 = type == 0x0800;
  if (!v4 && type != 0x86dd) {
    problem("neither IPv4 nor IPv6, or too short");
    return false;
  }
  udp.family = v4 ? Family::kIpv4 : Family::kIpv6;
  const size_t header = v4 ? 20 : 40;
  const bool plain =
      v4 ? packet[0] == 0x45 && (get_be16(packet, 6) & 0xbfff) == 0 : packet[0] >> 4 == 6;
  if (!plain || packet[v4 ? 9 : 6] != kUdpProtocol) {
    problem("not a plain IP header before UDP");
    return false;
  }
  if (v4 && fast_sum(packet.first(header)) != 0xffff) problem("IPv4 header checksum");
  if ((v4 ? get_be16(packet, 2) : get_be16(packet, 4) + header) != packet.size() ||
      packet.size() < header + kUdpBytes) {
    problem("IP length");
    return false;
  }
  const ByteView both = packet.subspan(v4 ? 12 : 8, v4 ? 8 : 32);
  if (!starts_with(both, addresses(udp.family)[0]) ||
      !starts_with(both.subspan(both.size() / 2), addresses(udp.family)[1]))
    problem("IP addresses");
  udp.pseudo_sum = fast_sum(both, kUdpProtocol);
  udp.datagram = packet.subspan(header);
  return true;
}

bool Judge::find_udp(Udp& udp) {
  udp.source_port = get_be16(udp.datagram, 0);
  udp.port = get_be16(udp.datagram, 2);
  if (get_be16(udp.datagram, 4) != udp.datagram.size()) problem("UDP length");
  udp.no_checksum = get_be16(udp.datagram, 6) == 0;
  const auto length = static_cast<uint16_t>(udp.datagram.size());
  if (!udp.no_checksum &&
      fast_sum(udp.datagram, ones_complement_add(udp.pseudo_sum, length)) != 0xffff)
    problem("UDP checksum");
  return true;
}

// RFC 3550 5.1 and 5.3.1: no padding, no CSRC, no marker; an extension may be there.
std::optional<Judge::Rtp> Judge::find_rtp(ByteView bytes, const char*& wrong) {
  if (bytes.size() < kRtpBytes || (bytes[0] & 0xef) != 0x80 || bytes[1] != kMp2t) {
    wrong = "RTP header";
    return {};
  }
  Rtp rtp{.sequence = get_be16(bytes, 2),
          .timestamp = get_be32(bytes, 4),
          .ssrc = get_be32(bytes, 8),
          .extension = (bytes[0] & 0x10) != 0,
          .payload = bytes.subspan(kRtpBytes)};
  if (!rtp.extension) return rtp;
  const size_t words = rtp.payload.size() < 4 ? 0xffff : get_be16(rtp.payload, 2);
  if (rtp.payload.size() < 4 + words * 4 || get_be16(rtp.payload, 0) != 0xbede) {
    wrong = "RTP header extension";
    return {};
  }
  rtp.payload = rtp.payload.subspan(4 + words * 4);
  return rtp;
}

void Judge::judge_stream(const Udp& udp) {
  const size_t index = static_cast<size_t>(udp.source_port) - kFirstSourcePort;
  if (index >= flows_.size() || flows_[index].stream->family != udp.family ||
      flows_[index].stream->port != udp.port)
    return problem("a frame of no stream");
  Flow& flow = flows_[index];
  if (udp.no_checksum != flow.stream->no_checksum) problem("UDP checksum 0");
  const char* wrong = nullptr;
  const std::optional<Rtp> rtp = find_rtp(udp.payload(), wrong);
  flow.frames++;
  if (rtp) {
    judge_numbers(flow, *rtp);
    judge_payload(flow, rtp->payload);
    return;
  }
  problem(wrong);
  flow.sequence++;
  flow.datagrams.next();
}

void Judge::judge_numbers(Flow& flow, const Rtp& rtp) {
  if (flow.frames > 1) {
    const auto lost = static_cast<uint16_t>(rtp.sequence - flow.sequence - 1);
    if (lost != 0) problem("sequence number");
    // What follows is judged by its own number.
    for (unsigned i = 0; i < lost && lost < kMostLost; i++)
      flow.datagrams.next();
    if (rtp.ssrc != flow.ssrc) problem("SSRC");
    if (static_cast<int32_t>(rtp.timestamp - flow.timestamp) < 0) problem("timestamp");
  }
  if (rtp.extension != flow.stream->extension) problem("RTP header extension");
  flow.sequence = rtp.sequence;
  flow.timestamp = rtp.timestamp;
  flow.ssrc = rtp.ssrc;
}

void Judge::judge_payload(Flow& flow, ByteView payload) {
  const Part wanted = flow.datagrams.next();
  flow.payload_bytes += payload.size();
  if (payload.size() != wanted.bytes ||
      std::memcmp(payload.data(), &file_[wanted.offset], wanted.bytes) != 0)
    problem("payload");
}

void Judge::judge_churn(const Udp& udp) {
  ByteView payload = udp.payload();
  const bool bare = !payload.empty() && payload[0] == 0x47;
  const char* wrong = nullptr;
  if (!bare) {
    const std::optional<Rtp> rtp = find_rtp(payload, wrong);
    if (!rtp) return problem(wrong);
    payload = rtp->payload;
  }
  const auto number = static_cast<uint32_t>(churn_frames_++);
  const uint8_t fate = bare ? ChurnPayload::kMustBeBare : ChurnPayload::kMustBeStamped;
  const Bytes wanted = churn_payload(fate, number);
  if (!std::equal(payload.begin(), payload.end(), wanted.begin(), wanted.end()))
    problem(bare ? "bare, and should not have been" : "stamped, and should not have been");
}

}  // namespace zc::test
