// SPDX-License-Identifier: GPL-2.0-only
// sendmmsg_rtp: today's rival. Many datagrams a call, each through the whole stack.
// n packets: 2n copies (header and payload), 1 mmap and n/64 sendmmsg.
#include <vector>

#include "job/mapping.h"
#include "job/packet_vector.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 64;

void send(Job& job) {
  Mapping file(job);
  PacketVector packets(kPacketsPerCall);
  std::vector<mmsghdr> messages(kPacketsPerCall);
  while (const Part part = job.next(kPacketsPerCall)) {
    const std::span<iovec> parts = packets.fill(job, part, file.bytes_of(part));
    for (size_t i = 0; i < part.packets; i++) {
      messages[i].msg_hdr.msg_iov = &parts[2 * i];
      messages[i].msg_hdr.msg_iovlen = 2;
    }
    job.kernel().sendmmsg(job.socket(), {messages.data(), part.packets});
  }
}

}  // namespace

const Method sendmmsg_rtp{
    .name = "sendmmsg_rtp", .suites = kStreaming | kRivals, .rtp = Rtp::kApplication, .send = send};

}  // namespace zc::bench
