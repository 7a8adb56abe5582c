// SPDX-License-Identifier: GPL-2.0-only
// sendfile_tcp: paper 002, Table 3, row 4: the whole file with one call, and again where the time
// is not over.
// n packets: 0 copies, 2 switches, 1 sendfile.
#include "methods/methods.h"

namespace zc::bench {
namespace {

// The most that one call takes (MAX_RW_COUNT of Linux), less than any file here.
constexpr size_t kMostBytes = 0x7ffff000;

void send(Job& job) {
  while (const Part part = job.next(kMostBytes / job.stream().payload_bytes))
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
}

}  // namespace

const Method sendfile_tcp{.name = "sendfile_tcp",
                          .paper = "sendfile (TCP)",
                          .suites = kDownload,
                          .way = Way::kTcp,
                          .send = send};

}  // namespace zc::bench
