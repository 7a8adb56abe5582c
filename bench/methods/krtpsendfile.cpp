// krtpsendfile: paper 002, Table 4, row 9, a patch there; here unpatched, by sendfile on a socket
// with UDP_SEGMENT and `zcctl attach`: the kernel cuts and makes the headers.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, which is the most that the kernel takes: n/47 sendfile at 1388 bytes.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  const auto segment = static_cast<int>(job.stream().payload_bytes);
  job.kernel().set_option(job.socket(), SOL_UDP, UDP_SEGMENT, segment);
  while (const Part part = job.next(job.packets_per_datagram(0)))
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
}

}  // namespace

const Method krtpsendfile{.name = "krtpsendfile",
                          .paper = "stand-in for krtpsendfile",
                          .suites = kStreaming | kRivals,
                          .rtp = Rtp::kZcctl,
                          .needs = "UDP_SEGMENT, zcctl attach",
                          .no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them",
                          .missing = zcctl_segment_missing,
                          .send = send};

}  // namespace zc::bench
