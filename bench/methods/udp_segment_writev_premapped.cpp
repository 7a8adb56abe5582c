// SPDX-License-Identifier: GPL-2.0-only
// udp_segment_writev_premapped: today's best rival at its best: as udp_segment_writev, but the file
// was mapped, and every page of it touched, before the clock started. Only who sends one file over
// and over has that; who maps a file to send it once pays for udp_segment_writev.
// n packets: 2n copies (header and payload), n/46 writev at 1388 bytes; mapping and page faults are
// not in the figure.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  writev_segmented(job, [&](const Part& part) { return job.premapped(part.offset); });
}

}  // namespace

const Method udp_segment_writev_premapped{.name = "udp_segment_writev_premapped",
                                          .suites = kStreaming | kRivals,
                                          .rtp = Rtp::kApplication,
                                          .needs = "UDP_SEGMENT",
                                          .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                          .missing = udp_segment_missing,
                                          .send = send};

}  // namespace zc::bench
