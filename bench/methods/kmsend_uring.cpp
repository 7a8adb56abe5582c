// SPDX-License-Identifier: GPL-2.0-only
// kmsend_uring: paper 002, Table 3, row 6, a patch there; a second stand-in, without UDP_SEGMENT: a
// batch of io_uring's SEND_ZC for each entry into the kernel, each a packet through the whole
// stack. The pages are looked up for each: a mapped file cannot be a fixed buffer.
// n packets: 0 copies, 1 mmap and n/64 io_uring_enter.
#include "job/mapping.h"
#include "job/uring.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kPacketsPerCall = 64;
constexpr size_t kMostLent = 128;

void send(Job& job) {
  Mapping file(job);
  Uring ring(job);
  const size_t bytes = job.stream().payload_bytes;
  while (const Part part = job.next(kPacketsPerCall)) {
    const char* const first = file.bytes_of(part);
    for (size_t i = 0; i < part.packets; i++)
      ring.send_zc(first + i * bytes, bytes);
    ring.flush(kMostLent);
  }
  ring.flush(0);
}

}  // namespace

const Method kmsend_uring{.name = "kmsend_uring",
                          .paper = "2nd stand-in for kmsend",
                          .suites = kDownload,
                          .needs = "io_uring SEND_ZC",
                          .missing = uring_zc_missing,
                          .send = send};

}  // namespace zc::bench
