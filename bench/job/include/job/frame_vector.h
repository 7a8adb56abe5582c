// SPDX-License-Identifier: GPL-2.0-only
// iovecs of many RFC 4571 frames, as writev takes them: header and payload in turn.
#pragma once

#include <array>
#include <cstring>
#include <vector>

#include "job/job.h"
#include "job/wire.h"

namespace zc::bench {

constexpr size_t kFrameHeaderBytes = kFrameLengthBytes + kRtpHeaderBytes;

// Fills and owns headers and iovecs. `payload` has the bytes of `part`.
class FrameVector {
 public:
  explicit FrameVector(size_t most_frames) : headers_(most_frames), parts_(2 * most_frames) {}

  // Valid until the next call.
  std::span<iovec> fill(const Job& job, const Part& part, char* payload) {
    const size_t payload_bytes = job.stream().payload_bytes;
    const size_t length = kRtpHeaderBytes + payload_bytes;
    for (size_t i = 0; i < part.packets; i++) {
      const zc_rtp_header rtp = job.header(part.first + i);
      headers_[i] = {static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
      std::memcpy(&headers_[i][kFrameLengthBytes], &rtp, sizeof(rtp));
      parts_[2 * i] = {headers_[i].data(), kFrameHeaderBytes};
      parts_[2 * i + 1] = {payload + i * payload_bytes, payload_bytes};
    }
    return {parts_.data(), 2 * part.packets};
  }

 private:
  std::vector<std::array<uint8_t, kFrameHeaderBytes>> headers_;
  std::vector<iovec> parts_;
};

}  // namespace zc::bench
