// SPDX-License-Identifier: GPL-2.0-only
// udp_segment_read_writev: today's best rival, for a file that is read and not mapped.
// n packets: 3n copies, n/46 read and n/46 writev at 1388 bytes.
#include <vector>

#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  std::vector<char> payload(job.packets_per_datagram(kRtpHeaderBytes) * job.stream().payload_bytes);
  writev_segmented(job, [&](const Part& part) {
    job.kernel().pread(job.stream().file, payload.data(), part.bytes, part.offset);
    return payload.data();
  });
}

}  // namespace

const Method udp_segment_read_writev{.name = "udp_segment_read_writev",
                                     .suites = kStreaming | kRivals,
                                     .rtp = Rtp::kApplication,
                                     .needs = "UDP_SEGMENT",
                                     .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                     .missing = udp_segment_missing,
                                     .send = send};

}  // namespace zc::bench
