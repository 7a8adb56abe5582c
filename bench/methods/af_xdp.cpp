// SPDX-License-Identifier: GPL-2.0-only
// af_xdp: today's rival. AF_XDP in copy mode, which is what a device without a driver's own support
// can: the application makes whole frames, the kernel copies them into packets of its own. The
// application sums, so it reads the payload once more; no route, no neighbour, no queue.
// n packets: 2n copies (headers and payload into the ring's memory, the kernel's copy of both), 1
// mmap and n/32 sendto, which is the most that the kernel takes at once.
#include <cstring>

#include "job/mapping.h"
#include "job/udp_frame.h"
#include "job/xsk.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 32;

std::string not_at(size_t payload_bytes) {
  const size_t frame_bytes = UdpFrame::kHeaderBytes + kRtpHeaderBytes + payload_bytes;
  return frame_bytes <= Xsk::kFrameBytes ? "" : "a frame of AF_XDP has at most 4096 bytes";
}

void send(Job& job) {
  Mapping file(job);
  const size_t payload_bytes = job.stream().payload_bytes;
  const UdpFrame frame(kRtpHeaderBytes + payload_bytes);
  Xsk ring(job);
  while (const Part part = job.next(kPacketsPerCall)) {
    const char* const payload = file.bytes_of(part);
    for (size_t i = 0; i < part.packets; i++) {
      char* const to = ring.frame();
      if (to == nullptr || payload == nullptr) return;
      char* const datagram = to + UdpFrame::kHeaderBytes;
      const zc_rtp_header header = job.header(part.first + i);
      std::memcpy(datagram, &header, sizeof(header));
      std::memcpy(datagram + sizeof(header), payload + i * payload_bytes, payload_bytes);
      frame.write_summed(to, datagram);
      ring.ready(frame.bytes());
    }
    ring.send();
  }
}

}  // namespace

const Method af_xdp{.name = "af_xdp",
                    .suites = kRivals,
                    .rtp = Rtp::kApplication,
                    .way = Way::kFrames,
                    .needs = "AF_XDP, CAP_NET_RAW",
                    .no_fragments = "its frames are no IP fragments",
                    .not_at = not_at,
                    .missing = xsk_missing,
                    .send = send};

}  // namespace zc::bench
