// SPDX-License-Identifier: GPL-2.0-only
#include "job/send.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include "job/mapping.h"
#include "job/zero_copy.h"

namespace zc::bench {
namespace {

// The most that one call takes (MAX_RW_COUNT of Linux), less than any file here.
constexpr size_t kMostBytes = 0x7ffff000;

}  // namespace

void set_segment(Job& job, size_t bytes) {
  job.kernel().set_option(job.socket(), SOL_UDP, UDP_SEGMENT, static_cast<int>(bytes));
}

void sendfile_each(Job& job) {
  while (const Part part = job.next())
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
}

void sendfile_whole(Job& job) {
  while (const Part part = job.next(kMostBytes / job.stream().payload_bytes))
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
}

void sendfile_segmented(Job& job) {
  const Stream& stream = job.stream();
  set_segment(job, stream.slot_bytes());
  while (const Part part = job.next(job.packets_per_datagram(stream.stored_header_bytes)))
    job.kernel().sendfile(job.socket(), job.stream().file, part.offset, part.bytes);
}

void lend_segmented(Job& job) {
  Mapping file(job);
  ZeroCopy zero_copy(job);
  set_segment(job, job.stream().payload_bytes);
  while (const Part part = job.next(job.packets_per_datagram(0))) {
    job.kernel().send(job.socket(), file.bytes_of(part), part.bytes, MSG_ZEROCOPY);
    zero_copy.sent();
  }
  zero_copy.finish();
}

}  // namespace zc::bench
