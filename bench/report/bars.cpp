// SPDX-License-Identifier: GPL-2.0-only
#include <array>

#include "promise.h"

namespace zc::bench {
namespace {

constexpr EnvironmentId kNic = EnvironmentId::kNic, kUso = EnvironmentId::kNicUso;
// The application's headers, writev on a socket with UDP_SEGMENT: a file that was mapped and
// touched before the clock started, one that is mapped for the occasion, one that is read.
constexpr std::array<const char*, 3> kRival{"udp_segment_writev_premapped", "udp_segment_writev",
                                            "udp_segment_read_writev"};
constexpr const char* kRivalText = "writev + UDP_SEGMENT, the fastest";
constexpr const char* kEach = "read + writev per packet";
constexpr const char* kBareText = "sendfile per packet, no RTP";
constexpr const char* kCork = "cork + send + sendfile + uncork";
constexpr const char* kFloorText = "sendfile + UDP_SEGMENT, no RTP";
constexpr std::array<const char*, 3> kBare{"sendfile_bare"}, kFloor{"sendfile_segment_bare"};
constexpr std::array<Promise, 13> kBars{{
    {"krtpsendfile", kRivalText, kRival, kNic, 1388, 1.30, 1.15},
    {"krtpsendfile_sum", kRivalText, kRival, kNic, 1388, 1.80, 1.50},
    {"krtpsendfile", kEach, {"read_writev"}, kNic, 1388, 0.29, 0.25},
    {"krtpsendfile_sum", kEach, {"read_writev"}, kNic, 1388, 0.38, 0.32},
    {"rtpsendfile", kBareText, kBare, kNic, 1388, 1.20, 1.10},
    {"rtpsendfile_sum", kBareText, kBare, kNic, 1388, 1.35, 1.25},
    {"krtpsendfile", kCork, {"rtp_sendfile"}, kNic, 1388, 0.22, 0.15},
    {"krtpsendfile", kFloorText, kFloor, kNic, 1388, 1.60, 1.30},
    {"krtpsendfile_sum", kFloorText, kFloor, kNic, 1388, 0, 0},
    {"krtpsendfile", kRivalText, kRival, kNic, 8936, 0.60, 0.50},
    {"krtpsendfile_sum", kRivalText, kRival, kNic, 8936, 0, 0},
    {"krtpsendfile", "writev + UDP_SEGMENT, hardware cuts", kRival, kUso, 1388, 0, 0},
    {"krtpsendfile_sum", "writev + UDP_SEGMENT, hardware cuts", kRival, kUso, 1388, 0, 0},
}};

}  // namespace

std::vector<JudgedBar> judge_bars(const Results& results) {
  std::vector<JudgedBar> judged;
  judged.reserve(kBars.size());
  for (const Promise& bar : kBars)
    judged.push_back(judge(results, bar));
  return judged;
}

std::string bars_table(const Results& results) {
  std::string text = "CPU time per packet, relative to another way's\n";
  text += judged_heading();
  for (const JudgedBar& bar : judge_bars(results))
    text += judged_line(bar);
  if (results.smoke) text += "SMOKE: a short run, no figures to quote\n";
  return text;
}

}  // namespace zc::bench
