// SPDX-License-Identifier: GPL-2.0-only
// RTCP packets as bytes: those of a sender, and what receivers answer. Pure; knows no stream and no
// time. What is read came from anybody.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zc::core::rtcp {

using Bytes = std::vector<uint8_t>;

// --- Writing: each appends one packet. A compound one begins with a report and has a CNAME.

struct SenderInfo {
  uint64_t ntp = 0;      // 32.32 (core/rtcp/ntp.h)
  uint32_t rtp = 0;      // timestamp of the same instant
  uint32_t packets = 0;  // both modulo 2^32
  uint32_t octets = 0;
};
void put_sender_report(Bytes& out, uint32_t ssrc, const SenderInfo& info);
// Of one that has sent nothing lately, and receives nothing: an RR without blocks (RFC 3550 6.4.2).
void put_empty_report(Bytes& out, uint32_t ssrc);
// SDES with this item alone; the name has at most 255 bytes.
void put_cname(Bytes& out, uint32_t ssrc, std::string_view cname);
void put_bye(Bytes& out, uint32_t ssrc);

// --- Reading.

// Why a packet is not taken; counted by kind.
enum class Flaw : uint8_t {
  kNone,
  kShort,    // ends within a header
  kVersion,  // not 2
  kType,     // no RTCP (RFC 5761 4)
  kLength,   // a packet that says it is longer than the datagram
  kPadding,  // before the last packet, or longer than that
  kReport,   // fewer report blocks than it says
  kSdes,     // an item that leaves its chunk, or a chunk that does not end
  kBye,      // fewer sources than it says, or a reason that leaves the packet
};
constexpr size_t kFlaws = 9;
const char* to_string(Flaw flaw);

struct ReportBlock {
  uint32_t reporter = 0;   // SSRC of who says it
  uint32_t ssrc = 0;       // of the stream that it is about
  uint8_t fraction = 0;    // lost since the last report, in 1/256
  int32_t cumulative = 0;  // lost since the beginning; below 0 with duplicates
  uint32_t highest = 0;    // extended sequence number
  uint32_t jitter = 0;     // ticks
  uint32_t lsr = 0, dlsr = 0;
};

struct Compound {
  std::vector<ReportBlock> blocks;
  std::vector<uint32_t> senders;  // SSRCs of SRs
  std::vector<uint32_t> byes;
  uint32_t unknown = 0;  // packets of types that are passed over
  bool reduced = false;  // it does not begin with a report (RFC 5506)
};

// Looks at all of a datagram before it says yes (RFC 3550 A.2), but takes packets of reduced size
// (RFC 5506), too. `compound` is emptied first; what is in it means nothing where there is a flaw.
Flaw parse(std::span<const uint8_t> datagram, Compound& compound);

}  // namespace zc::core::rtcp
