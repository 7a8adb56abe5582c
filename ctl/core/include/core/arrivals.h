// SPDX-License-Identifier: GPL-2.0-only
// What arrived of one test, judged packet by packet: checksum, RTP header, payload, order. Pure;
// each packet is somebody else's bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/test_packet.h"
#include "zc/abi.h"

namespace zc::core {

constexpr uint16_t kMaxTestPackets = 2000;

// What the sender says that it will send.
struct Test {
  uint16_t number = 0;
  uint16_t packets = 0;
  zc_checksum way = ZC_CHECKSUM_SUM;
  uint8_t payload_type = 0;
  uint32_t ssrc = 0;
};

// Counts of packets; one may be in several of the wrong ones. A line over TCP carries them all.
#define ZC_TALLY(X)                                                                       \
  X(arrived, "different ones")                                                            \
  X(right, "nothing was wrong with")                                                      \
  X(duplicate, "arrived again")                                                           \
  X(reordered, "arrived behind a later one")                                              \
  X(wrong_sum, "with a checksum that does not fit, or with none where there must be one") \
  X(unfinished, "with a checksum still to be made: they never left this host")            \
  X(bare, "without RTP header")                                                           \
  X(bad_header, "with an RTP, UDP or IP header that is not what was sent")                \
  X(bad_payload, "with other bytes than were sent")                                       \
  X(merged, "put together by the listener's kernel (GRO): not to be judged")              \
  X(missed, "that the listener was too slow for, of whoever sent them")

struct Tally {
#define ZC_TALLY_FIELD(name, meaning) uint64_t name = 0;
  ZC_TALLY(ZC_TALLY_FIELD)
#undef ZC_TALLY_FIELD
  uint64_t largest =
      0;  // bytes of the largest with nothing wrong but an unfinished sum, IP header included
  std::string source{};  // where they came from, as it was seen: "10.0.0.1:40000"; NAT changes it

  bool operator==(const Tally&) const = default;
};

class Arrivals {
 public:
  explicit Arrivals(const Test& test) : test_(test), seen_(test.packets) {}

  const Test& test() const { return test_; }
  const Tally& tally() const { return tally_; }
  bool complete() const { return tally_.arrived == test_.packets; }
  // A packet in whose payload the session's token was found, `offset` bytes in.
  void take(const ArrivedDatagram& datagram, size_t offset);

 private:
  void judge(const ArrivedDatagram& datagram, size_t offset, const TestLabel& label);
  void take_bare_pieces(ArrivedDatagram datagram);
  bool header_is_right(Bytes rtp, uint16_t index);
  bool sequence_is_right(uint16_t seq, uint16_t index);

  Test test_;
  Tally tally_;
  std::vector<bool> seen_;
  std::map<uint16_t, uint16_t> seqs_;  // RTP sequence numbers of the right headers, by index
  uint16_t highest_ = 0;
};

// Where in a datagram's payload a test payload begins, behind whatever header; nothing: nowhere.
std::optional<size_t> find_test_payload(Bytes payload);

}  // namespace zc::core
