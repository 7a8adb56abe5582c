// SPDX-License-Identifier: GPL-2.0-only
#include "env/stream_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "env/frame.h"

namespace zc::bench {
namespace {

// V=2, no padding, no CSRC; with --checksum uni an extension of three words (RFC 8285).
constexpr uint8_t kPlain = 0x80;
constexpr uint8_t kExtended = 0x90;
constexpr uint32_t kUniExtension = 0xbede0003;
constexpr uint8_t kTypeMask = 0x7f;  // without the marker

}  // namespace

void StreamCheck::datagram(std::span<const uint8_t> payload) {
  if (problem_.empty()) {
    const std::string wrong = check(payload);
    if (!wrong.empty()) problem_ = fmt::format("packet {}: {}", packets_, wrong);
  }
  packets_++;
}

void StreamCheck::skip(uint64_t packets) {
  seq_ = static_cast<uint16_t>(seq_ + packets);
  packets_ += packets;
}

std::string StreamCheck::check(std::span<const uint8_t> payload) {
  if (payload.size() != expected_.datagram_bytes())
    return fmt::format("{} bytes, not {}", payload.size(), expected_.datagram_bytes());
  const size_t header = header_bytes(expected_.rtp);
  if (header != 0) {
    std::string wrong = check_rtp(payload.first(header));
    if (!wrong.empty()) return wrong;
  }
  if (packets_ % compare_every_ != 0) return {};
  return check_bytes(payload.subspan(header));
}

std::string StreamCheck::check_rtp(std::span<const uint8_t> header) {
  const bool extended = expected_.rtp == Rtp::kZcctlUni;
  const uint8_t type = expected_.may_mark ? header[1] & kTypeMask : header[1];
  if (header[0] != (extended ? kExtended : kPlain) || type != kPayloadType)
    return fmt::format("RTP header begins {:02x}{:02x}", header[0], header[1]);
  if (extended && get_be32(header, 12) != kUniExtension) return "wrong RTP header extension";
  const uint16_t seq = get_be16(header, 2);
  const uint32_t timestamp = get_be32(header, 4);
  const uint32_t ssrc = get_be32(header, 8);
  const auto wanted = static_cast<uint16_t>(seq_ + 1);
  // Stored headers begin anew where the file does.
  const bool jumps = expected_.rtp == Rtp::kFile && slot() == 0;
  const bool chosen = expected_.rtp == Rtp::kApplication && expected_.stream.first_seq.has_value();
  if (packets_ == 0 && chosen && seq != *expected_.stream.first_seq)
    return fmt::format("RTP sequence number {}, not {}", seq, *expected_.stream.first_seq);
  if (packets_ != 0 && !jumps) {
    if (seq != wanted) return fmt::format("RTP sequence number {}, not {}", seq, wanted);
    if (ssrc != ssrc_) return fmt::format("SSRC {:08x}, not {:08x}", ssrc, ssrc_);
    if (static_cast<int32_t>(timestamp - timestamp_) < 0) return "RTP timestamp goes back";
  }
  if (packets_ != 0) elapsed_ += timestamp - timestamp_;
  seq_ = seq;
  timestamp_ = timestamp;
  ssrc_ = ssrc;
  return packets_ + 1 == expected_.stream.packets ? check_elapsed() : std::string();
}

// Coarse: the first packets of a clock that follows the file go by the wall clock, and tests look
// closer. The clock of another rule is far off.
std::string StreamCheck::check_elapsed() const {
  const auto elapsed = static_cast<double>(elapsed_);
  const bool right = expected_.ticks == 0 || std::abs(elapsed / expected_.ticks - 1) < 1.0 / 3;
  return right ? std::string()
               : fmt::format("RTP time went on by {} ticks, not {:.0f}", elapsed_, expected_.ticks);
}

uint64_t StreamCheck::slot() const {
  return (expected_.stream.first_packet + packets_) % expected_.stream.packets_in_file();
}

std::string StreamCheck::check_bytes(std::span<const uint8_t> payload) const {
  const Stream& stream = expected_.stream;
  const auto wanted = expected_.file.subspan(
      slot() * stream.slot_bytes() + stream.stored_header_bytes, payload.size());
  if (std::equal(payload.begin(), payload.end(), wanted.begin())) return {};
  return "other bytes than the file's";
}

}  // namespace zc::bench
