// SPDX-License-Identifier: GPL-2.0-only
// mmap_msend: paper 002, Table 3, row 5, a patch there; here unpatched, by mmap and
// send(MSG_ZEROCOPY).
// n packets: 0 copies, 2 + 2n switches and those of the completions, 1 mmap and n send.
#include "job/mapping.h"
#include "job/zero_copy.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  ZeroCopy zero_copy(job);
  while (const Part part = job.next()) {
    job.kernel().send(job.socket(), file.bytes_of(part), part.bytes, MSG_ZEROCOPY);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace

const Method mmap_msend{.name = "mmap_msend",
                        .paper = "stand-in for mmap_msend",
                        .suites = kDownload,
                        .needs = "MSG_ZEROCOPY",
                        .missing = zero_copy_missing,
                        .send = send};

}  // namespace zc::bench
