// SPDX-License-Identifier: GPL-2.0-only
// udp_segment_writev: today's best rival. The application writes headers and mapped payload of many
// packets with one call; the kernel, or the device, cuts them.
// n packets: 2n copies (header and payload), 1 mmap and n/46 writev at 1388 bytes.
#include "job/mapping.h"
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  writev_segmented(job, [&](const Part& part) { return file.bytes_of(part); });
}

}  // namespace

const Method udp_segment_writev{.name = "udp_segment_writev",
                                .suites = kStreaming | kRivals,
                                .rtp = Rtp::kApplication,
                                .needs = "UDP_SEGMENT",
                                .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                .missing = udp_segment_missing,
                                .send = send};

}  // namespace zc::bench
