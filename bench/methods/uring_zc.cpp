// SPDX-License-Identifier: GPL-2.0-only
// uring_zc: today's rival. io_uring's SEND_ZC from a fixed buffer, a packet each: the file is read
// between the headers, and the device takes the packets from there.
// n packets: 2n copies (header and payload, into the buffer), n/64 readv and n/64 io_uring_enter.
#include "job/packet_slots.h"
#include "job/uring.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 64;
constexpr size_t kAreas = 4;

void send(Job& job) {
  PacketSlots packets(job, kPacketsPerCall, kAreas);
  Uring ring(job);
  ring.fix_buffer(packets.memory());
  while (const Part part = job.next(kPacketsPerCall)) {
    const char* const first = packets.fill(job, part);
    for (size_t i = 0; i < part.packets; i++)
      ring.send_zc(first + i * packets.slot_bytes(), packets.slot_bytes());
    // The area that is filled next is the oldest: it must be back.
    ring.flush((kAreas - 1) * kPacketsPerCall);
  }
  ring.flush(0);
}

}  // namespace

const Method uring_zc{.name = "uring_zc",
                      .suites = kRivals,
                      .rtp = Rtp::kApplication,
                      .needs = "io_uring SEND_ZC",
                      .missing = uring_zc_missing,
                      .send = send};

}  // namespace zc::bench
