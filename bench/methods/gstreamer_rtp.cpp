// SPDX-License-Identifier: GPL-2.0-only
// gstreamer_rtp: a real program: gst-launch-1.0 filesrc ! tsparse ! rtpmp2tpay ! udpsink: seven TS
// packets of the file to an RTP packet, as fast as it can. The figure is the whole process's CPU
// time a packet, its start included.
#include "job/far_end.h"
#include "methods/methods.h"
#include "os/tool.h"

namespace zc::bench {
namespace {

std::string missing() {
  std::string why = program_missing("gst-launch-1.0", "gstreamer1.0-tools");
  if (!why.empty()) return why;
  for (const char* const element : {"tsparse", "rtpmp2tpay", "udpsink"}) {
    if (!run_tool(std::string("gst-inspect-1.0 --exists ") + element))
      return std::string("GStreamer has no ") + element +
             " (Debian: gstreamer1.0-plugins-good, gstreamer1.0-plugins-bad)";
  }
  return {};
}

std::vector<std::string> command(const std::string& file) {
  return {"gst-launch-1.0",
          "-q",
          "filesrc",
          "location=" + file,
          "!",
          "tsparse",
          "alignment=7",
          "!",
          "rtpmp2tpay",
          "!",
          "udpsink",
          std::string("host=") + kFarAddress,
          "port=" + std::to_string(kPort),
          "sync=false"};
}

}  // namespace

const Method gstreamer_rtp{.name = "gstreamer_rtp",
                           .suites = kRivals,
                           .rtp = Rtp::kApplication,
                           .way = Way::kProgram,
                           .needs = "GStreamer",
                           .not_at = seven_ts_packets_only,
                           .missing = missing,
                           .command = command};

}  // namespace zc::bench
