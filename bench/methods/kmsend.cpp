// SPDX-License-Identifier: GPL-2.0-only
// kmsend: paper 002, Table 3, row 6, a patch there; here unpatched, by mmap and MSG_ZEROCOPY on a
// socket with UDP_SEGMENT.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, and those of the completions.
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

std::string missing() {
  const std::string why = zero_copy_missing();
  return why.empty() ? udp_segment_missing() : why;
}

}  // namespace

const Method kmsend{.name = "kmsend",
                    .paper = "stand-in for kmsend",
                    .suites = kDownload,
                    .needs = "UDP_SEGMENT, MSG_ZEROCOPY",
                    .no_fragments = "UDP_SEGMENT makes no IP fragments",
                    .missing = missing,
                    .send = lend_segmented};

}  // namespace zc::bench
