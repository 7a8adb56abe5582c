// SPDX-License-Identifier: GPL-2.0-only
// tx_ring: today's rival. AF_PACKET with PACKET_TX_RING and PACKET_QDISC_BYPASS: the application
// makes whole frames, from the Ethernet header on, in memory that the kernel sends in place. No
// route, no neighbour, no firewall, no queue. The device sums, as for a socket (PACKET_VNET_HDR).
// n packets: n copies (headers and payload, into the ring), 1 mmap and n/64 sendto.
#include <netinet/udp.h>

#include <cstddef>
#include <cstring>

#include "job/mapping.h"
#include "job/packet_ring.h"
#include "job/udp_frame.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 64;

void send(Job& job) {
  Mapping file(job);
  const size_t payload_bytes = job.stream().payload_bytes;
  const UdpFrame frame(kRtpHeaderBytes + payload_bytes);
  PacketRing ring(job, frame.bytes());
  while (const Part part = job.next(kPacketsPerCall)) {
    const char* const payload = file.bytes_of(part);
    for (size_t i = 0; i < part.packets; i++) {
      char* const to = ring.frame();
      if (to == nullptr || payload == nullptr) return;
      const zc_rtp_header header = job.header(part.first + i);
      frame.write_unsummed(to);
      std::memcpy(to + UdpFrame::kHeaderBytes, &header, sizeof(header));
      std::memcpy(to + UdpFrame::kHeaderBytes + sizeof(header), payload + i * payload_bytes,
                  payload_bytes);
      ring.ready(frame.bytes(), UdpFrame::kUdpStart, offsetof(udphdr, check));
    }
    ring.send();
  }
}

}  // namespace

const Method tx_ring{.name = "tx_ring",
                     .suites = kRivals,
                     .rtp = Rtp::kApplication,
                     .way = Way::kFrames,
                     .needs = "AF_PACKET, CAP_NET_RAW",
                     .no_fragments = "its frames are no IP fragments",
                     .missing = packet_ring_missing,
                     .send = send};

}  // namespace zc::bench
