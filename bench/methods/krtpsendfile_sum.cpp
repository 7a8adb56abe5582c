// SPDX-License-Identifier: GPL-2.0-only
// krtpsendfile_sum: as krtpsendfile, with `--checksum sum`: what zcctl takes on cards that it does
// not know, and behind which NAT may follow. It reads the payload; the headers are 16 bytes
// shorter.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method krtpsendfile_sum{.name = "krtpsendfile_sum",
                              .paper = "stand-in for krtpsendfile",
                              .suites = kStreaming | kRivals,
                              .rtp = Rtp::kZcctlSum,
                              .needs = "UDP_SEGMENT, zcctl attach",
                              .no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them",
                              .missing = zcctl_segment_missing,
                              .send = sendfile_segmented};

}  // namespace zc::bench
