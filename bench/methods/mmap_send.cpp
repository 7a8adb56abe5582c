// SPDX-License-Identifier: GPL-2.0-only
// mmap_send: paper 002, Table 3, row 2. Over UDP a packet a call; over TCP the kernel gathers them.
// n packets: n copies, 2 + 2n switches, 1 mmap and n send.
#include "job/mapping.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  Mapping file(job);
  while (const Part part = job.next())
    job.kernel().send(job.socket(), file.bytes_of(part), part.bytes);
}

}  // namespace

const Method mmap_send{
    .name = "mmap_send", .paper = "mmap_send (UDP)", .suites = kDownload, .send = send};
const Method mmap_send_tcp{.name = "mmap_send_tcp",
                           .paper = "mmap_send (TCP)",
                           .suites = kDownload,
                           .way = Way::kTcp,
                           .send = send};

}  // namespace zc::bench
