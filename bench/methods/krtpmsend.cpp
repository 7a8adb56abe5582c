// krtpmsend: paper 002, Table 4, row 10, a patch there; here unpatched, by mmap, MSG_ZEROCOPY on a
// socket with UDP_SEGMENT, and `zcctl attach`. The application may look at the bytes it sends.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, and those of the completions.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "bench/job/mapping.h"
#include "bench/job/zero_copy.h"
#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  const Mapping file(job);
  ZeroCopy zero_copy(job);
  const auto segment = static_cast<int>(job.stream().payload_bytes);
  job.kernel().set_option(job.socket(), SOL_UDP, UDP_SEGMENT, segment);
  while (const Part part = job.next(job.packets_per_datagram(0))) {
    job.kernel().send(job.socket(), file.at(part.offset), part.bytes, MSG_ZEROCOPY);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace

const Method krtpmsend{.name = "krtpmsend",
                       .paper = "stand-in for krtpmsend",
                       .suites = kStreaming,
                       .rtp = Rtp::kZcctl,
                       .needs = "UDP_SEGMENT, MSG_ZEROCOPY, zcctl attach",
                       .no_fragments = "UDP_SEGMENT makes no IP fragments, zcctl drops them",
                       .missing = zcctl_segment_zero_copy_missing,
                       .send = send};

}  // namespace zc::bench
