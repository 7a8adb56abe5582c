// SPDX-License-Identifier: GPL-2.0-only
// sendfile_tcp: paper 002, Table 3, row 4: the whole file with one call, and again where the time
// is not over.
// n packets: 0 copies, 2 switches, 1 sendfile.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {

const Method sendfile_tcp{.name = "sendfile_tcp",
                          .paper = "sendfile (TCP)",
                          .suites = kDownload | kTcpFrames,
                          .way = Way::kTcp,
                          .send = sendfile_whole};

}  // namespace zc::bench
