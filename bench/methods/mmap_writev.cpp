// SPDX-License-Identifier: GPL-2.0-only
// mmap_writev: paper 002, Table 4, row 4.
// n packets: 2n copies, 2 + 2n switches, 1 mmap and n writev.
#include <array>

#include "job/mapping.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  while (const Part part = job.next()) {
    zc_rtp_header header = job.header(part.first);
    const std::array<iovec, 2> parts{
        {{&header, sizeof(header)}, {file.bytes_of(part), part.bytes}}};
    job.kernel().writev(job.socket(), parts, sizeof(header) + part.bytes);
  }
}

}  // namespace

const Method mmap_writev{.name = "mmap_writev",
                         .paper = "mmap_writev",
                         .suites = kStreaming,
                         .rtp = Rtp::kApplication,
                         .send = send};

}  // namespace zc::bench
