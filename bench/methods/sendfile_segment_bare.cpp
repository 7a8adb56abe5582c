// sendfile_segment_bare: the floor. A reference without RTP on the wire: what krtpsendfile costs
// without its headers. Stands in for ksendfile of paper 002, Table 3, row 7.
// n packets: 0 copies, n/47 sendfile at 1388 bytes.
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

const Method sendfile_segment_bare{.name = "sendfile_segment_bare",
                                   .paper = "stand-in for ksendfile",
                                   .suites = kDownload | kStreaming | kRivals,
                                   .needs = "UDP_SEGMENT",
                                   .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                   .missing = udp_segment_missing,
                                   .send = send};

}  // namespace zc::bench
