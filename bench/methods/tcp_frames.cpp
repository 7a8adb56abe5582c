// SPDX-License-Identifier: GPL-2.0-only
// tcp_writev*: the application frames RTP for TCP (RFC 4571) and writes headers and payload from a
// file that was mapped and touched before the timing, a frame a call or many. tcp_pass: no frames,
// the whole file by sendfile, through a program that only lets it pass.
#include <algorithm>

#include "job/frame_vector.h"
#include "job/pass_only.h"
#include "job/send.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr size_t kManyBytes = 64 << 10;
constexpr size_t kManyFrames = 46;
constexpr size_t kMostFrames = 512;  // IOV_MAX is 1024

void writev_frames(Job& job, size_t per_call) {
  FrameVector frames(per_call);
  while (const Part part = job.next(per_call)) {
    const std::span<iovec> parts = frames.fill(job, part, job.premapped(part.offset));
    job.kernel().writev(job.socket(), parts, part.bytes + part.packets * kFrameHeaderBytes);
  }
}

void send_each(Job& job) {
  writev_frames(job, 1);
}

// As many whole frames as fit: 46 of 1388 bytes, 7 of 8192.
void send_64k(Job& job) {
  const size_t fit = kManyBytes / (kFrameHeaderBytes + job.stream().payload_bytes);
  writev_frames(job, std::clamp<size_t>(fit, 1, kMostFrames));
}

void send_46(Job& job) {
  writev_frames(job, kManyFrames);
}

void send_passed(Job& job) {
  const PassOnly program(job.socket());
  if (!program.why().empty()) return job.kernel().fail(program.why());
  sendfile_whole(job);
}

constexpr Method by_application(std::string_view name, void (*send)(Job&)) {
  return {.name = name,
          .suites = kTcpFrames,
          .rtp = Rtp::kApplicationFrames,
          .way = Way::kTcp,
          .send = send};
}

}  // namespace

const Method tcp_writev = by_application("tcp_writev", send_each);
const Method tcp_writev_64k = by_application("tcp_writev_64k", send_64k);
const Method tcp_writev_46 = by_application("tcp_writev_46", send_46);
const Method tcp_pass{.name = "tcp_pass",
                      .suites = kTcpFrames,
                      .way = Way::kTcp,
                      .needs = "an sk_msg program",
                      .missing = pass_only_missing,
                      .send = send_passed};

}  // namespace zc::bench
