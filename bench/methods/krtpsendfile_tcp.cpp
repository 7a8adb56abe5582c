// SPDX-License-Identifier: GPL-2.0-only
// krtpsendfile_tcp: paper 002, Table 4, row 9, over TCP, where it is what the paper had: one call
// for the whole file. The kernel cuts it into RFC 4571 frames and makes their headers, by `zcctl
// attach cgroup:PATH --framing`.
// n packets: 1 copy, which sendfile to a socket with an sk_msg program has since Linux 6.5.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method krtpsendfile_tcp{.name = "krtpsendfile_tcp",
                              .paper = "stand-in for krtpsendfile, over TCP",
                              .suites = kTcpFrames,
                              .rtp = Rtp::kZcctlFrames,
                              .way = Way::kTcp,
                              .needs = "zcctl attach --framing",
                              .missing = zcctl_framing_missing,
                              .send = sendfile_whole};

}  // namespace zc::bench
