// SPDX-License-Identifier: GPL-2.0-only
#include "env/ts_stream_check.h"

#include <fmt/format.h>

#include "env/frame.h"
#include "job/job.h"
#include "ts_packets.h"

namespace zc::bench {
namespace {

constexpr uint8_t kPlain = 0x80;  // V=2, no padding, extension, CSRC
constexpr uint8_t kMpegTs = 33;   // RFC 3551, table 5
// What figures a packet are made for.
constexpr size_t kFullBytes = 7 * kTsPacketBytes;
constexpr uint8_t kTypeMask = 0x7f;  // without the marker

}  // namespace

void TsStreamCheck::datagram(std::span<const uint8_t> packet) {
  if (problem_.empty()) {
    const std::string wrong = check(packet);
    if (!wrong.empty()) problem_ = fmt::format("packet {}: {}", packets_, wrong);
  }
  packets_++;
}

std::string TsStreamCheck::check(std::span<const uint8_t> packet) {
  if (packet.size() <= kRtpHeaderBytes) return fmt::format("{} bytes", packet.size());
  if (packet[0] != kPlain || (packet[1] & kTypeMask) != kMpegTs)
    return fmt::format("RTP header begins {:02x}{:02x}", packet[0], packet[1]);
  const uint16_t seq = get_be16(packet, 2);
  const uint32_t ssrc = get_be32(packet, 8);
  const auto wanted = static_cast<uint16_t>(seq_ + 1);
  if (packets_ != 0 && seq != wanted)
    return fmt::format("RTP sequence number {}, not {}", seq, wanted);
  if (packets_ != 0 && ssrc != ssrc_) return fmt::format("SSRC {:08x}, not {:08x}", ssrc, ssrc_);
  seq_ = seq;
  ssrc_ = ssrc;
  const auto payload = packet.subspan(kRtpHeaderBytes);
  if (payload.size() % kTsPacketBytes != 0) return "not whole TS packets";
  if (payload.size() > kFullBytes) return fmt::format("{} bytes of TS packets", payload.size());
  if (short_bytes_ != 0)
    return fmt::format("the one before has {} bytes, and is not the last", short_bytes_);
  if (payload.size() < kFullBytes) short_bytes_ = payload.size();
  for (size_t i = 0; i < payload.size(); i += kTsPacketBytes) {
    if (payload[i] != kTsSyncByte) return "no TS sync byte";
  }
  payload_bytes_ += payload.size();
  return {};
}

}  // namespace zc::bench
