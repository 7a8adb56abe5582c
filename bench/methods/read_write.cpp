// SPDX-License-Identifier: GPL-2.0-only
// read_write: paper 002, Table 3, row 1, and the baseline of its Figure 3. Over UDP a packet a
// call; over TCP the kernel gathers them.
// n packets: 2n copies, 4n switches, n read and n write (here send, which is the same).
#include <vector>

#include "methods/methods.h"

namespace zc::bench {
namespace {

void send(Job& job) {
  std::vector<char> payload(job.stream().payload_bytes);
  while (const Part part = job.next()) {
    job.kernel().pread(job.stream().file, payload.data(), part.bytes, part.offset);
    job.kernel().send(job.socket(), payload.data(), part.bytes);
  }
}

}  // namespace

const Method read_write{
    .name = "read_write", .paper = "read_write (UDP)", .suites = kDownload, .send = send};
const Method read_write_tcp{.name = "read_write_tcp",
                            .paper = "read_write (TCP)",
                            .suites = kDownload,
                            .way = Way::kTcp,
                            .send = send};

}  // namespace zc::bench
