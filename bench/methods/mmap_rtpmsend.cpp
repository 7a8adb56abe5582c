// SPDX-License-Identifier: GPL-2.0-only
// mmap_rtpmsend: paper 002, Table 4, row 6, a patch there; here unpatched, by sendmsg(MSG_ZEROCOPY)
// of header and mapped payload.
// n packets: 0 copies (the paper copies the header), 2 + 2n switches and those of the completions,
// 1 mmap and n sendmsg.
#include <array>
#include <vector>

#include "job/mapping.h"
#include "job/zero_copy.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  ZeroCopy zero_copy(job);
  // The kernel borrows the headers too.
  std::vector<zc_rtp_header> headers(ZeroCopy::kMostLent);
  while (const Part part = job.next()) {
    zc_rtp_header& header = headers[part.first % headers.size()];
    header = job.header(part.first);
    const std::array<iovec, 2> parts{
        {{&header, sizeof(header)}, {file.bytes_of(part), part.bytes}}};
    job.kernel().sendmsg(job.socket(), parts, sizeof(header) + part.bytes, MSG_ZEROCOPY);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace

const Method mmap_rtpmsend{.name = "mmap_rtpmsend",
                           .paper = "stand-in for mmap_rtpmsend",
                           .suites = kStreaming,
                           .rtp = Rtp::kApplication,
                           .needs = "MSG_ZEROCOPY",
                           .missing = zero_copy_missing,
                           .send = send};

}  // namespace zc::bench
