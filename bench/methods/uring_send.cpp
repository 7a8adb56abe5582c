// SPDX-License-Identifier: GPL-2.0-only
// uring_send: today's rival. Many datagrams for each entry into the kernel, as sendmmsg, by
// io_uring.
// n packets: 2n copies (header and payload), 1 mmap and n/64 io_uring_enter.
#include <vector>

#include "job/mapping.h"
#include "job/packet_vector.h"
#include "job/uring.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 64;

void send(Job& job) {
  Mapping file(job);
  PacketVector packets(kPacketsPerCall);
  std::vector<msghdr> messages(kPacketsPerCall);
  Uring ring(job);
  while (const Part part = job.next(kPacketsPerCall)) {
    const std::span<iovec> parts = packets.fill(job, part, file.bytes_of(part));
    for (size_t i = 0; i < part.packets; i++) {
      messages[i].msg_iov = &parts[2 * i];
      messages[i].msg_iovlen = 2;
      ring.sendmsg(messages[i]);
    }
    ring.flush(0);
  }
}

}  // namespace

const Method uring_send{.name = "uring_send",
                        .suites = kRivals,
                        .rtp = Rtp::kApplication,
                        .needs = "io_uring",
                        .missing = uring_missing,
                        .send = send};

}  // namespace zc::bench
