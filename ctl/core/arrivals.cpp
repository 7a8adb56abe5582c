// SPDX-License-Identifier: GPL-2.0-only
#include "core/arrivals.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "zc/room.h"

namespace zc::core {
namespace {

constexpr size_t kRtpBytes = sizeof(zc_rtp_header);
constexpr int kAny = -1;  // a byte that the program or the device chooses

size_t room_of(zc_checksum way) {
  zc_how how{};
  how.checksum = way;
  return zc_room(how);
}

// RFC 8285 4.2; the ways' own bytes: docs/checksums.md.
std::vector<int> extension_of(zc_checksum way) {
  if (way == ZC_CHECKSUM_UNI)
    return {0xbe, 0xde, 0, 3, 0xea, 0, kAny, kAny, 0, 0, 0, 0, 0, 0, kAny, kAny};
  if (way == ZC_CHECKSUM_LCO) return {0xbe, 0xde, 0, 1, 0xe2, 0, kAny, kAny};
  return {};
}

bool matches(Bytes bytes, const std::vector<int>& expected) {
  return std::ranges::equal(bytes, expected,
                            [](uint8_t byte, int want) { return want == kAny || byte == want; });
}

uint32_t read_big_endian(Bytes bytes) {
  uint32_t value = 0;
  for (const uint8_t byte : bytes)
    value = value << 8 | byte;
  return value;
}

bool sum_is_right(zc_checksum way, ChecksumSeen seen) {
  return seen == ChecksumSeen::kRight || (seen == ChecksumSeen::kNone && way == ZC_CHECKSUM_ZERO);
}

}  // namespace

std::optional<size_t> find_test_payload(Bytes payload) {
  for (const size_t offset :
       {size_t{0}, kRtpBytes, room_of(ZC_CHECKSUM_LCO), room_of(ZC_CHECKSUM_UNI)}) {
    if (offset <= payload.size() && read_token(payload.subspan(offset))) return offset;
  }
  return {};
}

// Everything but the timestamp, which is the clock's.
bool Arrivals::header_is_right(Bytes rtp, uint16_t index) {
  const std::vector<int> extension = extension_of(test_.way);
  const auto first =
      static_cast<uint8_t>(ZC_RTP_VERSION_2 | (extension.empty() ? 0 : ZC_RTP_EXTENSION_BIT));
  if (rtp.size() != room_of(test_.way) || rtp[0] != first || rtp[1] != test_.payload_type ||
      read_big_endian(rtp.subspan(8, 4)) != test_.ssrc)
    return false;
  return matches(rtp.subspan(kRtpBytes), extension) &&
         sequence_is_right(static_cast<uint16_t>(read_big_endian(rtp.subspan(2, 2))), index);
}

// It grows by the packets that were stamped: by one at least, and by no more than were sent. What
// was lost before its stamp took none (RFC 3550 5.1 counts what is sent).
bool Arrivals::sequence_is_right(uint16_t seq, uint16_t index) {
  const auto fits = [](const auto& earlier, const auto& later) {
    const auto grown = static_cast<uint16_t>(later.second - earlier.second);
    return grown >= 1 && grown <= later.first - earlier.first;
  };
  const std::pair<const uint16_t, uint16_t> packet{index, seq};
  const auto next = seqs_.upper_bound(index);
  if (next != seqs_.end() && !fits(packet, *next)) return false;
  if (next != seqs_.begin() && !fits(*std::prev(next), packet)) return false;
  seqs_.insert(next, packet);
  return true;
}

void Arrivals::judge(const ArrivedDatagram& datagram, size_t offset, const TestLabel& label) {
  bool right = true;
  const auto count = [&](bool wrong, uint64_t& counter) {
    counter += wrong;
    right = right && !wrong;
  };
  const Bytes payload = datagram.payload.subspan(offset);
  const bool unfinished = datagram.checksum == ChecksumSeen::kUnfinished;
  count(!unfinished && !sum_is_right(test_.way, datagram.checksum), tally_.wrong_sum);
  count(offset == 0, tally_.bare);
  count(offset != 0 && !(datagram.lengths_agree &&
                         header_is_right(datagram.payload.first(offset), label.index)),
        tally_.bad_header);
  count(!std::ranges::equal(payload, make_test_payload(label)), tally_.bad_payload);
  if (right) tally_.largest = std::max<uint64_t>(tally_.largest, datagram.ip_bytes);
  count(unfinished, tally_.unfinished);
  tally_.right += right;
}

// A super-packet that nobody stamped and nothing cut: each piece has a label of its own.
void Arrivals::take_bare_pieces(ArrivedDatagram datagram) {
  if (datagram.checksum != ChecksumSeen::kUnfinished)
    datagram.checksum = ChecksumSeen::kRight;  // that of the whole says nothing of the pieces
  for (Bytes rest = datagram.payload; !rest.empty();) {
    const auto label = read_label(rest);
    if (!label || label->bytes < kTestPayloadLeast) {
      tally_.bad_payload++;
      return;
    }
    datagram.payload = rest.first(std::min<size_t>(label->bytes, rest.size()));
    take(datagram, 0);
    rest = rest.subspan(datagram.payload.size());
  }
}

void Arrivals::take(const ArrivedDatagram& datagram, size_t offset) {
  const auto label = read_label(datagram.payload.subspan(offset));
  if (!label || label->test != test_.number || label->index >= test_.packets) {
    // Which one it is cannot be known: it stays among the lost, and is told besides.
    if (!label) {
      tally_.bad_payload++;
      tally_.wrong_sum += datagram.checksum == ChecksumSeen::kWrong;
    }
    return;
  }
  if (label->bytes < datagram.payload.size() - offset) {
    if (offset == 0)
      take_bare_pieces(datagram);
    else
      tally_.merged++;
    return;
  }
  if (seen_[label->index]) {
    tally_.duplicate++;
    return;
  }
  seen_[label->index] = true;
  tally_.reordered += tally_.arrived > 0 && label->index < highest_;
  highest_ = std::max(highest_, label->index);
  tally_.arrived++;
  if (tally_.source.empty()) tally_.source = datagram.source.text();
  judge(datagram, offset, *label);
}

}  // namespace zc::core
