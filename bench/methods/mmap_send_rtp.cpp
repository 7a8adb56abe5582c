// SPDX-License-Identifier: GPL-2.0-only
// mmap_send_rtp: paper 002, Table 4, row 3.
// n packets: 2n copies, 2 + 8n switches, 1 mmap and n of each: cork, send, send, uncork.
// A corked datagram gets its checksum from the kernel, whatever the device offers.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "job/mapping.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  while (const Part part = job.next()) {
    const zc_rtp_header header = job.header(part.first);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 1);
    job.kernel().send(job.socket(), &header, sizeof(header));
    job.kernel().send(job.socket(), file.bytes_of(part), part.bytes);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 0);
  }
}

}  // namespace

const Method mmap_send_rtp{.name = "mmap_send_rtp",
                           .paper = "mmap_send_rtp",
                           .suites = kStreaming,
                           .rtp = Rtp::kApplication,
                           .send = send};

}  // namespace zc::bench
