// SPDX-License-Identifier: GPL-2.0-only
// rtpsendfile_sum: as rtpsendfile, with `--checksum sum`: what zcctl takes on cards that it does
// not know, and behind which NAT may follow. It reads the payload; the header is 16 bytes shorter.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method rtpsendfile_sum{.name = "rtpsendfile_sum",
                             .paper = "stand-in for rtpsendfile",
                             .suites = kStreaming,
                             .rtp = Rtp::kZcctlSum,
                             .needs = "zcctl attach",
                             .no_fragments = "zcctl drops IP fragments",
                             .missing = zcctl_missing,
                             .send = sendfile_each};

}  // namespace zc::bench
