// SPDX-License-Identifier: GPL-2.0-only
// Packets as an application lays them out that reads payloads to where they leave from: header and
// payload in turn, in one piece of memory. The file is read between the headers.
#pragma once

#include <cstring>
#include <vector>

#include "job/job.h"

namespace zc::bench {

class PacketSlots {
 public:
  // Room for `areas` times `packets` packets: one area may be lent while another is filled.
  PacketSlots(const Job& job, size_t packets, size_t areas)
      : slot_bytes_(kRtpHeaderBytes + job.stream().payload_bytes),
        packets_(packets),
        areas_(areas),
        bytes_(areas * packets * slot_bytes_),
        parts_(packets) {}

  std::span<char> memory() { return bytes_; }
  size_t slot_bytes() const { return slot_bytes_; }

  // Reads `part` with one call into the next area and returns its first packet.
  char* fill(Job& job, const Part& part) {
    char* const area = &bytes_[next_ * packets_ * slot_bytes_];
    next_ = (next_ + 1) % areas_;
    const size_t payload_bytes = job.stream().payload_bytes;
    for (size_t i = 0; i < part.packets; i++)
      parts_[i] = {area + i * slot_bytes_ + kRtpHeaderBytes, payload_bytes};
    job.kernel().preadv(job.stream().file, {parts_.data(), part.packets}, part.bytes, part.offset);
    for (size_t i = 0; i < part.packets; i++) {
      const zc_rtp_header header = job.header(part.first + i);
      std::memcpy(area + i * slot_bytes_, &header, sizeof(header));
    }
    return area;
  }

 private:
  size_t slot_bytes_, packets_, areas_;
  size_t next_ = 0;
  std::vector<char> bytes_;
  std::vector<iovec> parts_;
};

}  // namespace zc::bench
