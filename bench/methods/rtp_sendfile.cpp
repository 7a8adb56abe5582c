// SPDX-License-Identifier: GPL-2.0-only
// rtp_sendfile: paper 002, Table 4, row 5: its best way without a patch.
// n packets: n copies (the header), 8n switches, n of each: cork, send, sendfile, uncork.
// A corked datagram gets its checksum from the kernel, which therefore reads the payload, whatever
// the device offers.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  while (const Part part = job.next()) {
    const zc_rtp_header header = job.header(part.first);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 1);
    job.kernel().send(job.socket(), &header, sizeof(header));
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 0);
  }
}

}  // namespace

const Method rtp_sendfile{.name = "rtp_sendfile",
                          .paper = "rtp_sendfile",
                          .suites = kStreaming,
                          .rtp = Rtp::kApplication,
                          .send = send};

}  // namespace zc::bench
