// SPDX-License-Identifier: GPL-2.0-only
// sendfile_bare: a reference without RTP on the wire: what rtpsendfile costs without its headers.
// It is sendfile (UDP) of paper 002, Table 3, row 3, and the loan without an application's memory
// for paper 000. n packets: 0 copies, 2n switches, n sendfile.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method sendfile_bare{.name = "sendfile_bare",
                           .paper = "sendfile (UDP)",
                           .suites = kDownload | kStreaming | kLoan,
                           .send = sendfile_each};

}  // namespace zc::bench
