// SPDX-License-Identifier: GPL-2.0-only
// UDP packets to one port as they arrive, before the firewall and whoever they are for. Knows
// nothing of what is in them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

// Of one family. A packet socket for one protocol sees what this host receives once, behind VLANs
// and bridges and before GRO's sockets, and nothing that it sends.
class PacketTap {
 public:
  struct Packet {
    std::span<const uint8_t> bytes;  // from the IP header on; valid until the next take()
    bool unfinished = false;         // TP_STATUS_CSUMNOTREADY
  };

  static Result<PacketTap> open(Family family, uint16_t port);
  int fd() const { return socket_.get(); }
  // Nothing where there is none.
  std::optional<Packet> take();
  // Packets that found no room, since it was opened.
  uint64_t missed();

 private:
  Fd socket_;
  std::vector<uint8_t> buffer_;
  uint64_t missed_ = 0;
};

}  // namespace zc::kern
