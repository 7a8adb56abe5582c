// SPDX-License-Identifier: GPL-2.0-only
// mmap_send_msend: paper 002, Table 4, row 7, a patch there; here unpatched, by MSG_ZEROCOPY.
// n packets: n copies (the header), 2 + 8n switches and those of the completions, 1 mmap and n of
// each: cork, send, send(MSG_ZEROCOPY), uncork.
// The kernel in fact copies a corked datagram all the same, and says so in the completions.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "job/mapping.h"
#include "job/zero_copy.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  ZeroCopy zero_copy(job);
  while (const Part part = job.next()) {
    const zc_rtp_header header = job.header(part.first);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 1);
    job.kernel().send(job.socket(), &header, sizeof(header));
    job.kernel().send(job.socket(), file.bytes_of(part), part.bytes, MSG_ZEROCOPY);
    job.kernel().set_option(job.socket(), SOL_UDP, UDP_CORK, 0);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace

const Method mmap_send_msend{.name = "mmap_send_msend",
                             .paper = "stand-in for mmap_send_msend",
                             .suites = kStreaming,
                             .rtp = Rtp::kApplication,
                             .needs = "MSG_ZEROCOPY",
                             .missing = zero_copy_missing,
                             .send = send};

}  // namespace zc::bench
