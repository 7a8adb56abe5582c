// SPDX-License-Identifier: GPL-2.0-only
// An application that hands over many datagrams in one call, and the judge of all their pieces.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nic/nic_fixture.h"
#include "nic/segment_model.h"

namespace zc::test {

// Sets UDP_SEGMENT.
void set_segment(UdpSocket& socket, size_t bytes);
// How many pieces the kernel takes in one call: 64, or 128 from Linux 6.11.
size_t most_pieces();

class SegmentTest : public NicTest {
 protected:
  // A device, a rule on it and a connected socket. `automatic`: zcctl has to choose c.checksum.
  void start(const Case& c, const TapOptions& options = {}, bool automatic = false);

  const Case& c() const { return case_; }
  UdpSocket& socket() { return *socket_; }
  static const PayloadFile& file();

  // Sends the call, reads all that should leave, and judges every byte of it. How many pieces left.
  size_t send_and_judge(const Call& call);
  // Counters and stream are the sum of all calls; nothing else has left.
  void expect_all_accounted();

 private:
  void judge(const Call& call);
  struct Seen {
    std::set<uint16_t> ids;
    std::set<uint32_t> timestamps;
  };
  Wanted wanted(const Piece& piece) const;
  void judge_piece(const Frame& frame, const Piece& piece, Seen& seen);
  void judge_timestamp(uint32_t timestamp);

  Case case_;
  std::unique_ptr<UdpSocket> socket_;
  size_t segment_ = 0;
  Counters expected_;
  uint64_t octets_ = 0;
  uint16_t next_sequence_number_ = 0;
  std::optional<uint32_t> last_timestamp_;
};

}  // namespace zc::test
