// SPDX-License-Identifier: GPL-2.0-only
// krtpmsend: paper 002, Table 4, row 10, a patch there; here unpatched, by mmap, MSG_ZEROCOPY on a
// socket with UDP_SEGMENT, and `zcctl attach`. The application may look at the bytes it sends.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, and those of the completions.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method krtpmsend{.name = "krtpmsend",
                       .paper = "stand-in for krtpmsend",
                       .suites = kStreaming,
                       .rtp = Rtp::kZcctlUni,
                       .needs = "UDP_SEGMENT, MSG_ZEROCOPY, zcctl attach",
                       .no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them",
                       .missing = zcctl_segment_zero_copy_missing,
                       .send = lend_segmented};

}  // namespace zc::bench
