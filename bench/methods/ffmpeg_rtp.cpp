// SPDX-License-Identifier: GPL-2.0-only
// ffmpeg_rtp: a real program: ffmpeg reads a file of MPEG-TS, takes it apart, makes a transport
// stream of its own from it, and sends that as RTP, a packet a call. As fast as it can: no -re.
// The figure is the whole process's CPU time a packet, its start included. Its packets have 1316
// bytes; it also sends an RTCP report now and then.
#include "job/far_end.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

std::string missing() {
  return program_missing("ffmpeg", "ffmpeg");
}

std::vector<std::string> command(const std::string& file) {
  return {"ffmpeg",
          "-nostdin",
          "-loglevel",
          "error",
          "-i",
          file,
          "-map",
          "0",
          "-c",
          "copy",
          "-f",
          "rtp_mpegts",
          std::string("rtp://") + kFarAddress + ":" + std::to_string(kPort)};
}

}  // namespace

const Method ffmpeg_rtp{.name = "ffmpeg_rtp",
                        .suites = kRivals,
                        .rtp = Rtp::kApplication,
                        .way = Way::kProgram,
                        .needs = "ffmpeg",
                        .not_at = seven_ts_packets_only,
                        .missing = missing,
                        .command = command};

}  // namespace zc::bench
