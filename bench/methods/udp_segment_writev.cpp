// udp_segment_writev: today's best rival. The application writes headers and mapped payload of many
// packets with one call; the kernel, or the device, cuts them.
// n packets: 2n copies (header and payload), 1 mmap and n/46 writev at 1388 bytes.
#include <netinet/in.h>
#include <netinet/udp.h>

#include "bench/job/mapping.h"
#include "bench/job/packet_vector.h"
#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  const Mapping file(job);
  const size_t per_call = job.packets_per_datagram(kRtpHeaderBytes);
  PacketVector packets(per_call);
  const auto segment = static_cast<int>(kRtpHeaderBytes + job.stream().payload_bytes);
  job.kernel().set_option(job.socket(), SOL_UDP, UDP_SEGMENT, segment);
  while (const Part part = job.next(per_call)) {
    const std::span<iovec> parts = packets.fill(job, part, file.at(part.offset));
    job.kernel().writev(job.socket(), parts, part.bytes + part.packets * kRtpHeaderBytes);
  }
}

}  // namespace

const Method udp_segment_writev{.name = "udp_segment_writev",
                                .suites = kStreaming | kRivals,
                                .rtp = Rtp::kApplication,
                                .needs = "UDP_SEGMENT",
                                .no_fragments = "UDP_SEGMENT makes no IP fragments",
                                .missing = udp_segment_missing,
                                .send = send};

}  // namespace zc::bench
