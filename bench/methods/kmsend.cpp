// kmsend: paper 002, Table 3, row 6, a patch there; here unpatched, by mmap and MSG_ZEROCOPY on a
// socket with UDP_SEGMENT.
// n packets: 0 copies. The paper's is one call for the whole file; this one is a call for 64
// packets or 65,507 bytes, and those of the completions.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "bench/job/mapping.h"
#include "bench/job/zero_copy.h"
#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

std::string missing() {
  const std::string why = zero_copy_missing();
  return why.empty() ? udp_segment_missing() : why;
}

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

const Method kmsend{.name = "kmsend",
                    .paper = "stand-in for kmsend",
                    .suites = kDownload,
                    .needs = "UDP_SEGMENT, MSG_ZEROCOPY",
                    .no_fragments = "UDP_SEGMENT makes no IP fragments",
                    .missing = missing,
                    .send = send};

}  // namespace zc::bench
