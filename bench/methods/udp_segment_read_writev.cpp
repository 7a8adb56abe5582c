// udp_segment_read_writev: today's best rival, for a file that is read and not mapped.
// n packets: 3n copies, n/46 read and n/46 writev at 1388 bytes.
#include <netinet/in.h>
#include <netinet/udp.h>

#include <vector>

#include "bench/job/packet_vector.h"
#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  const size_t per_call = job.packets_per_datagram(kRtpHeaderBytes);
  std::vector<char> payload(per_call * job.stream().payload_bytes);
  PacketVector packets(per_call);
  const auto segment = static_cast<int>(kRtpHeaderBytes + job.stream().payload_bytes);
  job.kernel().set_option(job.socket(), SOL_UDP, UDP_SEGMENT, segment);
  while (const Part part = job.next(per_call)) {
    job.kernel().pread(job.stream().file, payload.data(), part.bytes, part.offset);
    const std::span<iovec> parts = packets.fill(job, part, payload.data());
    job.kernel().writev(job.socket(), parts, part.bytes + part.packets * kRtpHeaderBytes);
  }
}

}  // namespace

const Method udp_segment_read_writev{.name = "udp_segment_read_writev",
                                     .suites = kStreaming | kRivals,
                                     .rtp = Rtp::kApplication,
                                     .needs = "UDP_SEGMENT",
                                     .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                     .missing = udp_segment_missing,
                                     .send = send};

}  // namespace zc::bench
