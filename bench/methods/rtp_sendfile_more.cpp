// SPDX-License-Identifier: GPL-2.0-only
// rtp_sendfile_more: paper 002, Table 4, row 5, with MSG_MORE in place of cork and uncork.
// n packets: n copies (the header), 4n switches, n send and n sendfile.
// The kernel sums the payload itself, as with the cork.
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  while (const Part part = job.next()) {
    const zc_rtp_header header = job.header(part.first);
    job.kernel().send(job.socket(), &header, sizeof(header), MSG_MORE);
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
  }
}

}  // namespace

const Method rtp_sendfile_more{.name = "rtp_sendfile_more",
                               .paper = "rtp_sendfile, by MSG_MORE",
                               .suites = kStreaming,
                               .rtp = Rtp::kApplication,
                               .send = send};

}  // namespace zc::bench
