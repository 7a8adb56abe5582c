// SPDX-License-Identifier: GPL-2.0-only
// rtpsendfile: paper 002, Table 4, row 8, a patch there; here unpatched, by sendfile and
// `zcctl attach`: the kernel makes the header.
// n packets: 0 copies (the paper copies the header), 2n switches, n sendfile.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method rtpsendfile{.name = "rtpsendfile",
                         .paper = "stand-in for rtpsendfile",
                         .suites = kStreaming,
                         .rtp = Rtp::kZcctlUni,
                         .needs = "zcctl attach",
                         .no_fragments = "zcctl drops IP fragments",
                         .missing = zcctl_missing,
                         .send = sendfile_each};

}  // namespace zc::bench
