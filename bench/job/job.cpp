// SPDX-License-Identifier: GPL-2.0-only
#include "job/job.h"

#include <endian.h>

#include <algorithm>
#include <random>
#include <utility>

namespace zc::bench {
namespace {

// What IPv4 and UDP leave of 65,535 bytes.
constexpr size_t kLargestDatagram = 65507;
// UDP_MAX_SEGMENTS before Linux 6.9; twice that since.
constexpr size_t kMostSegments = 64;
// Rare enough to cost nothing, and fewer packets than a receiver's backlog holds (1000).
constexpr uint64_t kPacketsPerCheck = 256;
constexpr uint32_t kTicksPerPacket = 200;

}  // namespace

Job::Job(const Stream& stream, int socket, MayGoOn may_go_on)
    : stream_(stream),
      socket_(socket),
      may_go_on_(std::move(may_go_on)),
      slot_(stream.first_packet) {
  std::random_device random;  // RFC 3550 5.1
  first_seq_ = stream.first_seq.value_or(static_cast<uint16_t>(random() & ZC_RTP_SEQ_START_MASK));
  first_timestamp_ = random();
  ssrc_ = random();
}

Part Job::next(size_t max_packets) {
  if (!kernel_.ok()) return {};
  if (sent_ >= next_check_) {
    if (!may_go_on_(sent_)) return {};
    next_check_ = sent_ + kPacketsPerCheck;
  }
  const uint64_t in_file = stream_.packets_in_file() - slot_;
  Part part;
  part.first = sent_;
  part.packets = std::min({static_cast<uint64_t>(max_packets), stream_.packets - sent_, in_file});
  part.offset = static_cast<off_t>(slot_ * stream_.slot_bytes());
  part.bytes = part.packets * stream_.slot_bytes();
  sent_ += part.packets;
  slot_ = part.packets == in_file ? 0 : slot_ + part.packets;
  return part;
}

zc_rtp_header Job::header(uint64_t packet) const {
  const auto number = static_cast<uint32_t>(packet);
  return {.v_p_x_cc = ZC_RTP_VERSION_2,
          .m_pt = kPayloadType,
          .seq = htobe16(static_cast<uint16_t>(first_seq_ + number)),
          .timestamp = htobe32(first_timestamp_ + number * kTicksPerPacket),
          .ssrc = htobe32(ssrc_)};
}

size_t Job::packets_per_datagram(size_t header_bytes) const {
  return std::min(kMostSegments, kLargestDatagram / (stream_.payload_bytes + header_bytes));
}

}  // namespace zc::bench
