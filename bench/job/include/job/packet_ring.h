// SPDX-License-Identifier: GPL-2.0-only
// AF_PACKET with a ring for sending (PACKET_TX_RING, TPACKET_V2): frames are written into memory
// that the kernel reads in place, and one call sends all that wait.
#pragma once

#include <cstddef>
#include <string>

#include "base/fd.h"
#include "job/job.h"

namespace zc::bench {

std::string packet_ring_missing();

class PacketRing {
 public:
  static constexpr size_t kFrames = 1024;  // more than a far end lets be on their way

  // Makes one on the job's device, for frames of at most `frame_bytes`.
  PacketRing(Job& job, size_t frame_bytes);
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;
  ~PacketRing();

  // Where the next frame is to be written; waits until the kernel has given it back. nullptr ends
  // the run.
  char* frame();
  // It has been written, `bytes` of it. The device sums from `sum_start`, and stores the sum
  // `sum_offset` behind that.
  void ready(size_t bytes, size_t sum_start, size_t sum_offset);
  // Sends what is ready.
  void send();

 private:
  void open(size_t frame_bytes);
  char* slot() const { return ring_ + next_ * slot_bytes_; }

  Job& job_;
  Fd socket_;
  char* ring_ = nullptr;
  size_t slot_bytes_ = 0;
  size_t next_ = 0;
};

}  // namespace zc::bench
