// SPDX-License-Identifier: GPL-2.0-only
// uring_zc_segment: today's rival: io_uring's SEND_ZC from a fixed buffer on a socket with
// UDP_SEGMENT. The file is read between the headers of many packets; the kernel, or the device,
// cuts what is sent from there.
// n packets: 2n copies (header and payload, into the buffer), n/46 readv and n/46 io_uring_enter at
// 1388 bytes.
#include "job/packet_slots.h"
#include "job/send.h"
#include "job/uring.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kAreas = 8;

void send(Job& job) {
  const size_t per_call = job.packets_per_datagram(kRtpHeaderBytes);
  PacketSlots packets(job, per_call, kAreas);
  Uring ring(job);
  ring.fix_buffer(packets.memory());
  set_segment(job, packets.slot_bytes());
  while (const Part part = job.next(per_call)) {
    ring.send_zc(packets.fill(job, part), part.packets * packets.slot_bytes());
    // The area that is filled next is the oldest: it must be back.
    ring.flush(kAreas - 1);
  }
  ring.flush(0);
}

}  // namespace

const Method uring_zc_segment{.name = "uring_zc_segment",
                              .suites = kRivals,
                              .rtp = Rtp::kApplication,
                              .needs = "io_uring SEND_ZC, UDP_SEGMENT",
                              .no_fragments = "UDP_SEGMENT makes no IP fragments",
                              .missing = uring_zc_segment_missing,
                              .send = send};

}  // namespace zc::bench
