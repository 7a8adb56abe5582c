// SPDX-License-Identifier: GPL-2.0-only
// krtpsendfile: paper 002, Table 4, row 9, a patch there; here unpatched, by sendfile on a socket
// with UDP_SEGMENT and `zcctl attach`: the kernel cuts and makes the headers.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, which is the most that the kernel takes: n/47 sendfile at 1388 bytes.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method krtpsendfile{.name = "krtpsendfile",
                          .paper = "stand-in for krtpsendfile",
                          .suites = kStreaming | kRivals,
                          .rtp = Rtp::kZcctlUni,
                          .needs = "UDP_SEGMENT, zcctl attach",
                          .no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them",
                          .missing = zcctl_segment_missing,
                          .send = sendfile_segmented};

}  // namespace zc::bench
