// SPDX-License-Identifier: GPL-2.0-only
// read_writev: paper 002, Table 4, row 2, and what Figure 5 is relative to. The baseline.
// n packets: 3n copies (file to buffer, header and payload to the packet), 4n switches, n read and
// n writev.
#include <array>
#include <vector>

#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  std::vector<char> payload(job.stream().payload_bytes);
  while (const Part part = job.next()) {
    zc_rtp_header header = job.header(part.first);
    job.kernel().pread(job.stream().file, payload.data(), part.bytes, part.offset);
    const std::array<iovec, 2> parts{{{&header, sizeof(header)}, {payload.data(), part.bytes}}};
    job.kernel().writev(job.socket(), parts, sizeof(header) + part.bytes);
  }
}

}  // namespace

const Method read_writev{.name = "read_writev",
                         .paper = "read_writev",
                         .suites = kStreaming | kRivals,
                         .rtp = Rtp::kApplication,
                         .send = send};

}  // namespace zc::bench
