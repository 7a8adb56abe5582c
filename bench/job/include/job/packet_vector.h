// SPDX-License-Identifier: GPL-2.0-only
// iovecs of many packets, as writev and sendmmsg take them: header and payload in turn.
#pragma once

#include <vector>

#include "job/job.h"

namespace zc::bench {

// Fills and owns headers and iovecs. `payload` has the bytes of `part`.
class PacketVector {
 public:
  explicit PacketVector(size_t most_packets) : headers_(most_packets), parts_(2 * most_packets) {}

  // Valid until the next call.
  std::span<iovec> fill(const Job& job, const Part& part, char* payload) {
    const size_t payload_bytes = job.stream().payload_bytes;
    for (size_t i = 0; i < part.packets; i++) {
      headers_[i] = job.header(part.first + i);
      parts_[2 * i] = {&headers_[i], kRtpHeaderBytes};
      parts_[2 * i + 1] = {payload + i * payload_bytes, payload_bytes};
    }
    return {parts_.data(), 2 * part.packets};
  }

 private:
  std::vector<zc_rtp_header> headers_;
  std::vector<iovec> parts_;
};

}  // namespace zc::bench
