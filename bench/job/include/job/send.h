// SPDX-License-Identifier: GPL-2.0-only
// Ways of sending that several methods share, so that what they are compared for is the only thing
// they differ in: with and without zcctl the application is the same, line for line.
#pragma once

#include "job/job.h"
#include "job/packet_vector.h"

namespace zc::bench {

// Has the kernel cut what the job's socket sends into datagrams of that size.
void set_segment(Job& job, size_t bytes);

// One sendfile a packet.
void sendfile_each(Job& job);
// One sendfile for the whole file, over TCP.
void sendfile_whole(Job& job);
// One sendfile for as many packets as UDP_SEGMENT takes, with their headers where the file has
// them.
void sendfile_segmented(Job& job);
// The same from mapped memory, lent to the kernel.
void lend_segmented(Job& job);

// Headers made by the application and payload in one writev for as many packets as UDP_SEGMENT
// takes. `payload(part)` returns where the part's payload is.
template <typename Payload>
void writev_segmented(Job& job, Payload payload) {
  const size_t per_call = job.packets_per_datagram(kRtpHeaderBytes);
  PacketVector packets(per_call);
  set_segment(job, kRtpHeaderBytes + job.stream().payload_bytes);
  while (const Part part = job.next(per_call)) {
    const std::span<iovec> parts = packets.fill(job, part, payload(part));
    job.kernel().writev(job.socket(), parts, part.bytes + part.packets * kRtpHeaderBytes);
  }
}

}  // namespace zc::bench
