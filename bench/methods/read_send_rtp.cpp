// SPDX-License-Identifier: GPL-2.0-only
// read_send_rtp: paper 002, Table 4, row 1.
// The file is read to where the header ends, so that one send takes both.
// n packets: 2n copies, 4n switches, n read and n send.
#include <cstring>
#include <vector>

#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  std::vector<char> packet(kRtpHeaderBytes + job.stream().payload_bytes);
  while (const Part part = job.next()) {
    const zc_rtp_header header = job.header(part.first);
    std::memcpy(packet.data(), &header, sizeof(header));
    job.kernel().pread(job.stream().file, &packet[kRtpHeaderBytes], part.bytes, part.offset);
    job.kernel().send(job.socket(), packet.data(), packet.size());
  }
}

}  // namespace

const Method read_send_rtp{.name = "read_send_rtp",
                           .paper = "read_send_rtp",
                           .suites = kStreaming,
                           .rtp = Rtp::kApplication,
                           .send = send};

}  // namespace zc::bench
